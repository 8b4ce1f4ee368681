// From a message in the body of a POST to where it belongs, by its era: the newer one says all in the message itself, the older one
// names a session.

import { Inject, Injectable } from '@nestjs/common';
import { isDeeperThan, MAX_DEPTH } from '@mcpw/protocol';

import { Clock } from '../../extension/clock.js';
import { Failure } from '../../extension/failure.js';
import { RateLimiter } from '../../protocol/rate-limiter.js';
import { ToolRegistry } from '../../tools/tool-registry.js';
import type { McpClient } from '../client.js';
import { errorText } from '../json-rpc.js';
import { McpDispatcher } from '../mcp-dispatcher.js';
import { modernClient } from '../modern-client.js';
import { BATCH_VERSION } from '../protocol-versions.js';
import { readInitialize } from '../read-initialize.js';
import { readMessage, type Inbound, type InboundBatch, type InboundRequest } from '../read-message.js';
import { rpcError } from '../rpc-error.js';
import { takeNotification } from '../take-notification.js';
import { BatchLink } from './batch-link.js';
import { EventStreams } from './event-streams.js';
import { HttpAnswers } from './http-answers.js';
import { HttpExchange, type ExchangeHost } from './http-exchange.js';
import { accepts, credentialOf, type McpRequest } from './mcp-request.js';
import type { McpSession } from './mcp-session.js';
import { SessionRequests } from './session-requests.js';
import { SessionStore } from './session-store.js';
import { checkStandardHeaders } from './standard-headers.js';

const MOST_IN_A_BATCH = 100;
const GONE = 'the client has gone';

@Injectable()
export class HttpMessages {
  private readonly host: ExchangeHost;

  constructor(
    @Inject(Clock) clock: Clock,
    private readonly answers: HttpAnswers,
    private readonly streams: EventStreams,
    private readonly sessions: SessionStore,
    private readonly sessionRequests: SessionRequests,
    private readonly dispatcher: McpDispatcher,
    private readonly limiter: RateLimiter,
    private readonly tools: ToolRegistry,
  ) {
    this.host = {
      reply: (response, status, text, headers) => answers.json(response, status, text, headers),
      openStream: (response, credential, headers) => streams.open(response, credential, headers),
      headersOf: (failure, response) => answers.headersOf(failure, response.req),
      now: () => clock.now(),
    };
  }

  /** @throws Failure, for what cannot be answered in JSON-RPC's own words */
  receive(exchange: McpRequest, body: unknown): void {
    const { request, response, headers } = exchange;
    if (isDeeperThan(body, MAX_DEPTH)) throw new Failure('invalid_message', `nested deeper than ${MAX_DEPTH}`);
    const message = readMessage(body, {
      version: header(request.headers['mcp-protocol-version']),
      method: header(request.headers['mcp-method']),
    });
    if (message.kind === 'refused') {
      this.answers.json(response, message.status, errorText(message.id, message.error), headers);
    } else if (message.kind === 'request' && message.era === 'modern') this.modern(exchange, message);
    else if (message.kind === 'notification' && message.era === 'modern') this.answers.empty(response, 202, headers);
    else if (message.kind === 'request' && message.method === 'initialize') this.initialize(exchange, message);
    else this.inSession(exchange, message);
  }

  private modern(exchange: McpRequest, message: InboundRequest): void {
    const { request, who } = exchange;
    try {
      checkStandardHeaders(message, request.headers, who.principal, this.tools);
      this.run(exchange, message, modernClient(message, who.principal, ''), undefined);
    } catch (error) {
      this.refuse(exchange, message, error);
    }
  }

  private initialize(exchange: McpRequest, message: InboundRequest): void {
    try {
      const session = this.sessions.open(exchange.who, readInitialize(message.params));
      const headers = { ...exchange.headers, 'Mcp-Session-Id': session.handle };
      this.run({ ...exchange, headers }, message, session, undefined);
    } catch (error) {
      if (error instanceof Failure) throw error;
      this.refuse(exchange, message, error);
    }
  }

  private inSession(exchange: McpRequest, message: Exclude<Inbound, { kind: 'refused' }>): void {
    const session = this.sessionRequests.find(exchange);
    if (session === undefined) return;
    if (message.kind === 'request') {
      this.run(exchange, message, session, session);
      return;
    }
    if (message.kind === 'batch') {
      this.batch(exchange, message, session);
      return;
    }
    if (message.kind === 'answer') session.requests.settle(message.id, message.outcome);
    else takeNotification(message, session.calls);
    this.answers.empty(exchange.response, 202, exchange.headers);
  }

  private run(exchange: McpRequest, message: InboundRequest, client: McpClient, session: McpSession | undefined): void {
    const { request, response, headers } = exchange;
    const link = new HttpExchange(this.host, {
      response,
      credential: credentialOf(exchange),
      session,
      accepts: { json: accepts(request, 'application/json'), stream: accepts(request, 'text/event-stream') },
      headers,
    });
    const call = this.dispatcher.run(message, client, link, session?.calls);
    if (call.isSettled) return;
    // In the older era a lost connection takes nothing back: the answer can be fetched, or the call cancelled.
    link.awaits(() => (client.era === 'modern' ? call.abort(new Failure('cancelled', GONE)) : undefined));
  }

  /** Of one revision only. Each member but the first costs a token too; all answers come together. */
  private batch(exchange: McpRequest, { members }: InboundBatch, session: McpSession): void {
    if (session.version !== BATCH_VERSION) throw new Failure('invalid_message', `there are no batches in revision ${session.version}`);
    if (members.length === 0 || members.length > MOST_IN_A_BATCH) {
      throw new Failure('invalid_message', `a batch has 1 to ${MOST_IN_A_BATCH} messages`);
    }
    const link = new BatchLink((answers) => this.answerBatch(exchange, answers));
    members.forEach((member, index) => {
      const message = readMessage(member);
      const limited = index === 0 ? undefined : this.limiter.admit(exchange.peer, performance.now());
      if (message.kind === 'answer') session.requests.settle(message.id, message.outcome);
      else if (message.kind === 'notification') takeNotification(message, session.calls);
      else if (message.kind !== 'request') link.add(errorText(message.kind === 'refused' ? message.id : undefined, NO_MEMBER));
      else if (limited !== undefined) link.add(errorText(message.id, rpcError(limited, 'legacy', String)));
      else this.dispatcher.run(message, session, link.member(), session.calls);
    });
    link.close();
  }

  private answerBatch({ response, headers }: McpRequest, answers: readonly string[]): void {
    if (answers.length === 0) this.answers.empty(response, 202, headers);
    else this.answers.json(response, 200, `[${answers.join(',')}]`, headers);
  }

  /** What is wrong with a request before it is a call. */
  private refuse({ response, headers }: McpRequest, { id, era }: InboundRequest, error: unknown): void {
    this.answers.json(
      response,
      400,
      errorText(
        id,
        rpcError(error, era, () => ''),
      ),
      headers,
    );
  }
}

const NO_MEMBER = { code: -32_600, message: 'not a message that a batch can have' };

const header = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value.join(',') : value);
