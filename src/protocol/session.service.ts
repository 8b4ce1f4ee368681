// A session's life: who it is, what it agreed on, and how it goes on after a lost connection (PROTOCOL.md §5, §6).
import { randomBytes } from 'node:crypto';

import { Inject, Injectable, Logger } from '@nestjs/common';
import { CloseCode } from '@mcpw/protocol';

import { Authenticator } from '../auth/authenticator.js';
import { Config } from '../config/config.js';
import type { Connection, Identity } from '../connection/connection.js';
import { ConnectionState } from '../connection/connection-state.js';
import { EventService } from '../events/event.service.js';
import type { Caller } from '../extension/caller.js';
import { EventPublisher } from '../extension/event-publisher.js';
import { Failure } from '../extension/failure.js';
import type { Principal } from '../extension/principal.js';
import type { Rate } from '../limits/limit.js';
import type { Call } from './call.js';
import { Codecs } from './codecs.js';
import { MethodTable } from './method-table.js';
import { Negotiation, type Agreement } from './negotiation.js';
import { RateLimiter } from './rate-limiter.js';
import { Resumption } from './resumption.js';
import { SERVER_INFO } from './server-info.js';
import { SessionAnswer, SessionConstants, SessionPrincipal } from './session-answer.js';
import type { InitializeDto } from './session.dto.js';
import { identityOf, identityWith } from './upgrade.js';

const PROTOCOL_VERSION = '1';

@Injectable()
export class SessionService {
  private readonly logger = new Logger('Session');
  /** Members of every answer to `initialize`, encoded at the first: only then are the methods known. */
  private readonly constants = new WeakMap<Rate, SessionConstants>();
  /** Of callers that share their principal: all of one API key. */
  private readonly principals = new WeakMap<Principal, SessionPrincipal>();

  /** Those whose `initialize` waits: for its credential to be looked at, or its older session. */
  private readonly initializing = new WeakSet<Connection>();

  constructor(
    @Inject(Config) private readonly config: Config,
    private readonly authenticator: Authenticator,
    private readonly limiter: RateLimiter,
    private readonly methods: MethodTable,
    private readonly negotiation: Negotiation,
    private readonly codecs: Codecs,
    private readonly resumption: Resumption,
    private readonly events: EventService,
    @Inject(EventPublisher) private readonly publisher: EventPublisher,
  ) {}

  /**
   * @throws Failure `invalid_message` a second time, `authentication_failed` (and then the connection is closed),
   * `signature_invalid` where the server demands keys and the client sent none
   */
  initialize(call: Call, params: InitializeDto): unknown {
    const { channel: connection } = call;
    if (connection.state !== ConnectionState.CONNECTING || connection.id !== '' || this.initializing.has(connection)) {
      throw new Failure('invalid_message', 'initialize comes once on a connection');
    }
    const { identity } = connection;
    // Who need not show a credential may: until here `anonymous` is only who it is if none comes (PROTOCOL.md §1).
    const begun =
      identity === undefined || (identity.credential.kind === 'anonymous' && params.token !== undefined)
        ? this.identify(connection, params.token).then((shown) => this.begin(call, params, shown))
        : this.begin(call, params, identity);
    if (!(begun instanceof Promise)) return begun;
    this.initializing.add(connection);
    return begun.finally(() => this.initializing.delete(connection));
  }

  /** A fresh credential of the same principal, before the old one expires. */
  async authenticate(connection: Connection, token: string): Promise<{ expires_at?: string }> {
    const fresh = await this.authenticator.authenticate(token, connection.address);
    const { identity } = connection;
    if (identity === undefined || fresh.principal.id !== identity.principal.id || fresh.principal.tenant !== identity.principal.tenant) {
      throw new Failure('forbidden', 'the credential is another principal’s');
    }
    // Keys that were agreed on are bound to the first credential and stay as they are.
    connection.identity = identityWith(fresh, identity.credentialHash);
    return fresh.expiresAt === undefined ? {} : { expires_at: isoTime(fresh.expiresAt) };
  }

  acknowledge(caller: Caller, cursors: Readonly<Record<string, string>>): object {
    this.events.acknowledge(caller, cursors);
    return {};
  }

  private async identify(connection: Connection, token: string | undefined): Promise<Identity> {
    try {
      if (token === undefined) throw new Failure('authentication_failed', 'no credential: send one with the upgrade or as params.token');
      const identity = identityOf(await this.authenticator.authenticate(token, connection.address), token);
      connection.identify(identity);
      this.limiter.identify(connection);
      return identity;
    } catch (error) {
      setImmediate(() => connection.close(CloseCode.UNAUTHENTICATED, 'not authenticated'));
      throw error;
    }
  }

  private begin(call: Call, params: InitializeDto, { principal }: Identity): object | Promise<object> {
    const agreement = this.negotiation.agree(call.channel, params);
    const { protection } = agreement;
    if (protection !== undefined) call.channel.onceClosed(() => protection.wipe());
    if (params.resume === undefined) return this.open(call, params, principal, agreement, false);
    return this.resumption
      .resume(call, call.channel, params.resume)
      .then((isResumed) => this.open(call, params, principal, agreement, isResumed));
  }

  private open(call: Call, params: InitializeDto, principal: Principal, { protection, agreed }: Agreement, isResumed: boolean): object {
    const { channel: connection } = call;
    const token = randomBytes(32).toString('base64url');
    if (!isResumed) connection.id = randomBytes(16).toString('base64url');
    connection.agentName = params.name;
    if (params.capabilities?.batch === true) connection.outbox.batcher = this.codecs.batcher;
    call.onceAnswered(() => this.opened(connection, token, principal, protection));
    const own = { session_id: connection.id, resume_token: token, resumed: isResumed, ...agreed };
    return new SessionAnswer(this.constantsFor(principal), this.encoded(principal), own);
  }

  /** A method of its own: what its listener closes over lives as long as the connection, and the call is not to. */
  private opened(connection: Connection, token: string, principal: Principal, protection: Agreement['protection']): void {
    connection.sealer = protection;
    if (!connection.move(ConnectionState.CONNECTED)) return;
    this.resumption.keep(connection, token, principal);
    this.logger.log(`${connection.id} initialized: ${principal.id} of ${principal.tenant}`);
    this.publisher.announce(principal.tenant, 'agent.connected', { session_id: connection.id, principal_id: principal.id });
    connection.onceClosed(this.closed);
  }

  /** One for all connections, which know who they are. */
  private readonly closed = ({ id, identity }: Connection): void => {
    const principal = identity?.principal;
    if (principal !== undefined)
      this.publisher.announce(principal.tenant, 'agent.disconnected', { session_id: id, principal_id: principal.id });
  };

  /** What all clients are told alike whose connections may send as much. */
  private constantsFor(principal: Principal): SessionConstants {
    const rate = this.limiter.ofConnectionOf(principal);
    let constants = this.constants.get(rate);
    if (constants === undefined) this.constants.set(rate, (constants = this.describeServer(rate)));
    return constants;
  }

  private describeServer(rate: Rate): SessionConstants {
    return new SessionConstants({
      version: PROTOCOL_VERSION,
      server: SERVER_INFO,
      capabilities: { batch: this.codecs.batcher !== undefined, tools: true },
      limits: this.limitsWith(rate),
      methods: this.methods.catalog,
    });
  }

  private encoded(principal: Principal): SessionPrincipal {
    let encoded = this.principals.get(principal);
    if (encoded === undefined) this.principals.set(principal, (encoded = new SessionPrincipal(principal)));
    return encoded;
  }

  private limitsWith({ rate, burst }: Rate): object {
    const { websocket } = this.config;
    return {
      max_message_size: websocket.maxMessageBytes,
      max_batch: websocket.maxBatch,
      max_in_flight: websocket.maxInFlight,
      // None where nothing is limited: a client that keeps to them is not held back.
      ...(websocket.rateLimit.enabled ? { rate, burst } : {}),
      ping_interval_ms: websocket.pingIntervalMs,
      compression_threshold: websocket.compression.thresholdBytes,
    };
  }
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
