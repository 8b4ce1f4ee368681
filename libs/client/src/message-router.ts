// Where each message of the server's goes: answers to the calls, notifications to what they are about, requests to the tools that are
// offered. What is done with it there is each one's own.
import { ErrorCode } from '@mcpw/protocol';

import type { Calls } from './calls.js';
import type { ClientEvents } from './client-events.js';
import type { Emitter } from './emitter.js';
import { McpwError } from './errors.js';
import type { Incoming, IncomingRequest, MessageId } from './incoming.js';
import type { JsonObject, NotificationMap } from './method-map.js';
import type { OfferedTools } from './offered-tools.js';
import type { Replies } from './replies.js';
import type { Subscriptions } from './subscriptions.js';
import type { ToolRuns } from './tool-runs.js';

export interface Destinations {
  readonly calls: Calls;
  readonly subscriptions: Subscriptions;
  readonly tools: OfferedTools;
  readonly toolRuns: ToolRuns;
  readonly replies: Replies;
  readonly emitter: Emitter<ClientEvents>;
  /** The server is about to go. */
  draining(reconnectInMs: number): void;
}

export class MessageRouter {
  constructor(private readonly to: Destinations) {}

  take(message: Incoming): void {
    switch (message.type) {
      case 'response':
        return this.to.calls.succeeded(Number(message.id), message.result);
      case 'error':
        return this.to.calls.failed(Number(message.id), message.error);
      case 'notification':
        return this.notified(message.method, message.params);
      case 'request':
        return this.asked(message);
      case 'ping':
        return this.to.replies.pong(message.id, message.encoding);
      case 'pong':
    }
  }

  private notified(method: string, params: JsonObject): void {
    const { calls, subscriptions, toolRuns, emitter } = this.to;
    switch (method) {
      case 'event':
        return subscriptions.event(params as NotificationMap['event']);
      case 'event.gap':
        return subscriptions.gap(params as NotificationMap['event.gap']);
      case 'tool.progress': {
        const { request_id: id, ...progress } = params as NotificationMap['tool.progress'];
        return calls.progressed(Number(id), progress);
      }
      case 'tool.cancel':
        return toolRuns.cancel(params['request_id'] as MessageId);
      case 'tool.changed':
        return emitter.emit('toolsChanged', undefined);
      case 'server.draining': {
        const { reconnect_in_ms: reconnectInMs } = params as NotificationMap['server.draining'];
        this.to.draining(reconnectInMs);
        return emitter.emit('draining', { reconnectInMs });
      }
      default:
        emitter.emit('notification', { method, params });
    }
  }

  private asked(request: IncomingRequest): void {
    const { tools, toolRuns, replies } = this.to;
    if (request.method === 'tool.execute') return void toolRuns.run(request, tools.find(String(request.params['name'])));
    if (request.method === 'tool.cancel') {
      toolRuns.cancel(request.params['request_id'] as MessageId);
      return replies.respond(request, { cancelled: true });
    }
    replies.refuse(request, new McpwError(ErrorCode.METHOD_NOT_FOUND, `a client has no method ${request.method}`));
  }
}
