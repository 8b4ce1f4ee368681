// From a text message of a connection to where it belongs. Requests wait while there is too much at work; what the client answers,
// and what it cancels, is what makes room again, and waits for nothing.
import { Inject, Injectable } from '@nestjs/common';
import { CloseCode, isDeeperThan, MAX_DEPTH } from '@mcpw/protocol';

import { Config } from '../../config/config.js';
import { TrafficMeter } from '../../connection/traffic-meter.js';
import { Failure } from '../../extension/failure.js';
import { RateLimiter } from '../../protocol/rate-limiter.js';
import { RefusalAudit } from '../../protocol/refusal-audit.js';
import { jsonProblem } from '../../validation/census/json-census.js';
import { ChangeHub } from '../changes/change-hub.js';
import { CHANGE_KINDS } from '../changes/change-listener.js';
import type { McpClient } from '../client.js';
import { errorText, RpcCode, type RpcId } from '../json-rpc.js';
import { McpDispatcher } from '../mcp-dispatcher.js';
import { modernClient } from '../modern-client.js';
import { readInitialize } from '../read-initialize.js';
import { readMessage, type Inbound, type InboundNotification, type InboundRequest } from '../read-message.js';
import { rpcError } from '../rpc-error.js';
import { cancelledId, takeNotification } from '../take-notification.js';
import type { McpConnection } from './mcp-connection.js';

const MOST_LISTENS = 32;

@Injectable()
export class SocketMessages {
  constructor(
    @Inject(Config) private readonly config: Config,
    private readonly dispatcher: McpDispatcher,
    private readonly limiter: RateLimiter,
    private readonly hub: ChangeHub,
    private readonly meter: TrafficMeter,
    private readonly audit: RefusalAudit,
  ) {}

  receive(connection: McpConnection, data: Buffer): void {
    const now = performance.now();
    const message = read(data);
    const isUnreadable = message instanceof Failure;
    const id = !isUnreadable && 'id' in message ? message.id : undefined;
    const limited = this.limiter.admit(connection, now);
    if (limited !== undefined) {
      this.limited(connection, isUnreadable || message.kind === 'request', id, limited, now);
      return;
    }
    if (isUnreadable) this.refuse(connection, undefined, message, message === NO_JSON ? RpcCode.PARSE_ERROR : undefined);
    else if (message.kind === 'request') this.take(connection, message);
    else if (message.kind === 'notification') this.notification(connection, message);
    else if (message.kind === 'answer') connection.session?.requests.settle(message.id, message.outcome);
    else if (message.kind === 'refused') connection.send(errorText(message.id, message.error));
    else this.refuse(connection, undefined, new Failure('invalid_message', 'there are no batches over a WebSocket'));
  }

  /** Whether a request has to wait. */
  isBusy(connection: McpConnection): boolean {
    return connection.calls.size >= this.config.websocket.maxInFlight || !connection.isWritable;
  }

  /** Works on what waits until there is too much at work again. */
  goOn(connection: McpConnection): void {
    const { backlog } = connection;
    let handled = 0;
    while (handled < backlog.length && connection.isOpen && !this.isBusy(connection)) {
      this.request(connection, backlog[handled++] as InboundRequest);
    }
    if (handled > 0) connection.backlog = connection.backlog.slice(handled);
  }

  private take(connection: McpConnection, message: InboundRequest): void {
    if (connection.backlog.length > 0 || this.isBusy(connection)) connection.backlog.push(message);
    else this.request(connection, message);
  }

  private request(connection: McpConnection, message: InboundRequest): void {
    try {
      const client = this.clientOf(connection, message);
      const isListen = message.method === 'subscriptions/listen' && message.era === 'modern';
      if (isListen && connection.listens.size >= MOST_LISTENS) {
        throw new Failure('unavailable', `a connection has at most ${MOST_LISTENS} subscriptions`);
      }
      this.dispatcher.run(message, client, connection.link, isListen ? connection.listens : connection.calls);
    } catch (error) {
      this.refuse(connection, message.id, error);
    }
  }

  private clientOf(connection: McpConnection, message: InboundRequest): McpClient {
    if (message.era === 'modern') return modernClient(message, connection.principal, connection.id);
    if (message.method !== 'initialize') {
      if (connection.session === undefined) throw new Failure('not_initialized', 'begin with initialize, or say the revision in _meta');
      return connection.session;
    }
    if (connection.session !== undefined) throw new Failure('invalid_message', 'initialize comes once on a connection');
    return connection.begin(readInitialize(message.params), this.hub.listen(connection.principal.tenant, CHANGE_KINDS));
  }

  private notification(connection: McpConnection, message: InboundNotification): void {
    takeNotification(message, connection.calls);
    takeNotification(message, connection.listens);
    const cancelled = cancelledId(message);
    if (cancelled !== undefined && connection.backlog.length > 0) {
      connection.backlog = connection.backlog.filter(({ id }) => id !== cancelled);
    }
  }

  /** @param isAsked whether somebody waits for an answer */
  private limited(connection: McpConnection, isAsked: boolean, id: RpcId | undefined, limited: Failure, now: number): void {
    this.audit.refused(connection, limited.kind, '');
    if (isAsked) this.refuse(connection, id, limited);
    if (!this.limiter.isIgnored(connection, now)) return;
    this.audit.closed(connection, CloseCode.RATE_LIMIT_IGNORED);
    connection.close(CloseCode.RATE_LIMIT_IGNORED, 'the rate limit was ignored');
  }

  private refuse(connection: McpConnection, id: RpcId | undefined, error: unknown, code?: number): void {
    this.meter.failed(error instanceof Failure ? error.kind : 'invalid_params');
    const wire = rpcError(error, 'legacy', () => '');
    connection.send(errorText(id, code === undefined ? wire : { ...wire, code }));
  }
}

const NO_JSON = new Failure('invalid_message', 'Parse error: the message is not JSON');
const TOO_DEEP = new Failure('invalid_message', `nested deeper than ${MAX_DEPTH}`);

/** What it says, or why it cannot be read. */
function read(data: Buffer): Inbound | Failure {
  const problem = jsonProblem(data);
  if (problem !== undefined) return new Failure('too_large', problem);
  let body: unknown;
  try {
    body = JSON.parse(data.toString());
  } catch {
    return NO_JSON;
  }
  return isDeeperThan(body, MAX_DEPTH) ? TOO_DEEP : readMessage(body);
}
