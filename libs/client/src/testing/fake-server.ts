// A server that says what a test tells it to, at the other end of sockets that are none. It reads and speaks plain JSON text.
import { parseText, type Envelope, type WireError } from '@mcpw/protocol';
import { nodeKeyExchange } from '@mcpw/protocol/node';

import { UpgradeRefusedError } from '../errors.js';
import type { InitializeResult } from '../method-map.js';
import type { Platform, Socket, SocketEvents, UpgradeRequest } from '../platform.js';
import { FakeClock, settled } from './fake-clock.js';

/** What `initialize` is answered with unless a test says otherwise. */
export function sessionOf(overrides: Partial<InitializeResult> = {}): InitializeResult {
  return {
    version: '1',
    server: { name: 'fake', version: '1.0.0' },
    session_id: 'session-1',
    resume_token: 'token-1',
    resumed: false,
    principal: { id: 'agent', tenant: 'default', scopes: [] },
    capabilities: { batch: true, tools: true },
    limits: {
      max_message_size: 1_048_576,
      max_batch: 100,
      max_in_flight: 64,
      rate: 0,
      burst: 100,
      ping_interval_ms: 30_000,
      compression_threshold: 1024,
    },
    methods: { 'billing.charge': 0x1000 },
    ...overrides,
  };
}

/** One connection as the server has it. */
export class FakeConnection {
  /** WebSocket messages as they came. */
  readonly raw: (string | Uint8Array)[] = [];
  /** Messages that came, batches taken apart. */
  readonly received: Envelope[] = [];
  closedByClient: { code: number; reason: string } | undefined;
  isTerminated = false;
  /** Whether a close of the client's is answered. */
  answersClose = true;

  constructor(
    readonly request: UpgradeRequest,
    readonly events: SocketEvents,
  ) {}

  readonly socket: Socket = {
    send: (message) => {
      this.raw.push(message);
      if (typeof message !== 'string' || !message.startsWith('{')) return; // frames and signed text are the test's to read
      const parsed = parseText(message);
      if (!parsed.ok) throw new Error(parsed.message);
      for (const member of parsed.envelope.members ?? [parsed]) if (member.ok) this.received.push(member.envelope);
    },
    close: (code, reason) => {
      this.closedByClient = { code, reason };
      if (this.answersClose) queueMicrotask(() => this.events.closed(code, reason));
    },
    terminate: () => {
      this.isTerminated = true;
      this.events.closed(1006, '');
    },
  };

  /** Messages of a method so far. */
  of(method: string): Envelope[] {
    return this.received.filter((message) => message.method === method);
  }

  /** The newest message of a method. */
  last(method: string): Envelope {
    const message = this.of(method).at(-1);
    if (message === undefined) throw new Error(`no ${method} came, but ${this.received.map((other) => other.method).join(', ')}`);
    return message;
  }

  say(message: object): void {
    this.events.message(JSON.stringify(message));
  }

  respond(to: Envelope, result: unknown): void {
    this.say({ id: to.id, type: 1, result });
  }

  refuse(to: Envelope, error: WireError): void {
    this.say({ id: to.id, type: 3, error });
  }

  notify(method: string, params: object): void {
    this.say({ type: 2, method, params });
  }

  ask(id: string, method: string, params: object): void {
    this.say({ id, type: 0, method, params });
  }

  /** Answers `initialize`. */
  async accept(overrides: Partial<InitializeResult> = {}): Promise<void> {
    await settled();
    this.respond(this.last('initialize'), sessionOf(overrides));
    await settled();
  }

  async close(code: number, reason = ''): Promise<void> {
    this.events.closed(code, reason);
    await settled();
  }
}

export class FakeServer {
  readonly clock = new FakeClock();
  readonly connections: FakeConnection[] = [];
  /** What becomes of the next upgrades; accepted where nothing is said. */
  readonly refusals: Error[] = [];
  /** Whether upgrades are answered at all. */
  isSilent = false;
  /** What randomness gives. */
  luck = 0.5;
  private bytes = 0;
  private readonly deferred: (() => void)[] = [];

  readonly platform: Platform = {
    clock: this.clock,
    random: () => this.luck,
    randomBytes: (count) => new Uint8Array(count).fill(++this.bytes),
    defer: (task) => void this.deferred.push(task),
    sendsHeaders: true,
    openSocket: async (request, events, signal) => {
      if (this.isSilent) return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
      const refusal = this.refusals.shift();
      if (refusal !== undefined) throw refusal;
      const connection = new FakeConnection(request, events);
      this.connections.push(connection);
      return connection.socket;
    },
    hash: (bytes) => crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>).then((hash) => new Uint8Array(hash)),
    keyExchange: nodeKeyExchange,
    compressors: [],
  };

  /** The newest connection. */
  get connection(): FakeConnection {
    const connection = this.connections.at(-1);
    if (connection === undefined) throw new Error('nobody has connected');
    return connection;
  }

  refuse(status: number, retryAfterMs?: number): void {
    this.refusals.push(new UpgradeRefusedError(status, `refused with ${status}`, undefined, retryAfterMs));
  }

  /** The present turn of the event loop is over. */
  async endTurn(): Promise<void> {
    for (const task of this.deferred.splice(0)) task();
    await settled();
  }
}
