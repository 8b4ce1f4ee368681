// What a client of the older era asks of its session itself: the stream for what belongs to no call, a lost stream, the end.
import { Injectable } from '@nestjs/common';

import { LEGACY_VERSIONS } from '../protocol-versions.js';
import { EventStreams } from './event-streams.js';
import { HttpAnswers } from './http-answers.js';
import { accepts, credentialOf, type McpRequest } from './mcp-request.js';
import type { McpSession } from './mcp-session.js';
import { SessionStore } from './session-store.js';

@Injectable()
export class SessionRequests {
  constructor(
    private readonly sessions: SessionStore,
    private readonly streams: EventStreams,
    private readonly answers: HttpAnswers,
  ) {}

  /** The session that the request names; undefined, and answered, where there is none. */
  find({ request, response, who, headers }: McpRequest): McpSession | undefined {
    const id = request.headers['mcp-session-id'];
    const version = request.headers['mcp-protocol-version'];
    if (typeof id !== 'string') {
      this.answers.refuse(response, 400, 'Mcp-Session-Id is missing: begin with initialize', headers);
      return undefined;
    }
    const session = this.sessions.find(id, who.principal);
    if (session === undefined) {
      this.answers.refuse(response, 404, 'there is no such session', headers);
      return undefined;
    }
    if (version !== undefined && !LEGACY_VERSIONS.includes(String(version))) {
      this.answers.refuse(response, 400, `MCP-Protocol-Version is none of ${LEGACY_VERSIONS.join(', ')}`, headers);
      return undefined;
    }
    return session;
  }

  stream(exchange: McpRequest): void {
    const { request, response, headers } = exchange;
    if (request.headers['mcp-session-id'] === undefined) {
      this.answers.refuse(response, 405, 'there are no streams outside a session', { ...headers, Allow: 'POST' });
      return;
    }
    if (!accepts(request, 'text/event-stream')) {
      this.answers.refuse(response, 406, 'the answer is text/event-stream', headers);
      return;
    }
    const session = this.find(exchange);
    if (session === undefined) return;
    const lastEvent = request.headers['last-event-id'];
    const found = typeof lastEvent === 'string' ? session.findStream(lastEvent) : undefined;
    if (lastEvent !== undefined && found === undefined) {
      this.answers.refuse(response, 400, 'what came after that event is not kept any more', headers);
      return;
    }
    const stream = this.streams.open(response, credentialOf(exchange), headers);
    if (stream === undefined) this.answers.refuse(response, 503, 'too many event streams are open', { ...headers, 'Retry-After': '5' });
    else if (found === undefined) session.attachStandalone(stream);
    else session.resumeStream(found.stream, stream, found.after);
  }

  end(exchange: McpRequest): void {
    const session = this.find(exchange);
    if (session === undefined) return;
    this.sessions.end(session);
    this.answers.empty(exchange.response, 204, exchange.headers);
  }
}
