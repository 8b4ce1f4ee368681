// Counts what passes through the server: plain numbers in typed arrays, written on the hot path, read when somebody looks.
// Every method that counts is O(1) and allocates nothing. Not how the numbers are shown: that is monitoring/.
import { CloseCode, ErrorCode } from '@mcpw/protocol';
import { Injectable } from '@nestjs/common';

/** An error by its code's name: `FailureKind`, or `server_error`. */
export type ErrorName = Lowercase<keyof typeof ErrorCode>;
/** Whose bucket was empty (PROTOCOL.md §8). */
export type RateScope = (typeof RATE_SCOPES)[number];

const ERROR_NAMES = Object.keys(ErrorCode).map((name) => name.toLowerCase()) as ErrorName[];
const RATE_SCOPES = ['connection', 'ip', 'user', 'tenant', 'tool', 'handshake'] as const;
/** 1006: ended without a close frame. */
const CLOSE_CODES: readonly number[] = [...Object.values(CloseCode), 1005, 1006];

/** Upper bounds of the latency buckets, in microseconds; what takes longer is in the last, open one. */
export const LATENCY_BOUNDS_US = [
  50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000, 5_000_000, 30_000_000,
] as const;
const BUCKETS = LATENCY_BOUNDS_US.length + 1;
/** `method` of what was handled before `registerMethods` or under no known name. */
const UNKNOWN_METHOD = 'unknown';

export interface MethodLatency {
  readonly method: string;
  readonly count: number;
  readonly sumUs: number;
  /** One count for each of `LATENCY_BOUNDS_US` and one for longer; not cumulative. */
  readonly buckets: readonly number[];
}

export interface TrafficSnapshot {
  readonly connections: {
    readonly opened: number;
    readonly active: number;
    /** By close code; codes that are none of the protocol's are `other`. */
    readonly closed: Readonly<Record<string, number>>;
  };
  readonly messages: {
    readonly received: number;
    readonly sent: number;
    readonly receivedBytes: number;
    readonly sentBytes: number;
    readonly handled: number;
  };
  readonly errors: Readonly<Record<ErrorName, number>>;
  readonly rateRefusals: Readonly<Record<RateScope, number>>;
  /** Methods that were called at least once. */
  readonly latency: readonly MethodLatency[];
}

@Injectable()
export class TrafficMeter {
  private opened = 0;
  private ended = 0;
  private messagesReceived = 0;
  private bytesReceived = 0;
  private messagesSent = 0;
  private bytesSent = 0;
  private readonly closeIndex = new Map(CLOSE_CODES.map((code, index) => [code, index + 1]));
  /** Index 0: codes that a peer made up. */
  private readonly closes = new Float64Array(CLOSE_CODES.length + 1);
  private readonly errorIndex = new Map<string, number>(ERROR_NAMES.map((name, index) => [name, index]));
  private readonly errors = new Float64Array(ERROR_NAMES.length);
  private readonly scopeIndex = new Map<string, number>(RATE_SCOPES.map((scope, index) => [scope, index]));
  private readonly refusals = new Float64Array(RATE_SCOPES.length);
  private methods: readonly string[] = [];
  /** Row 0 is the unknown method, row i + 1 that of `methods[i]`. */
  private buckets = new Float64Array(BUCKETS);
  private sumsUs = new Float64Array(1);

  /**
   * Called at start, once for each protocol that has methods.
   * @returns the first name's index; `handled` is given it, and those that follow for the other names
   */
  registerMethods(names: readonly string[]): number {
    const first = this.methods.length;
    this.methods = [...this.methods, ...names];
    this.buckets = grown(this.buckets, (this.methods.length + 1) * BUCKETS);
    this.sumsUs = grown(this.sumsUs, this.methods.length + 1);
    return first;
  }

  connectionOpened(): void {
    this.opened++;
  }

  connectionClosed(code: number): void {
    this.ended++;
    increment(this.closes, this.closeIndex.get(code) ?? 0);
  }

  /** One message has come in. */
  received(bytes: number): void {
    this.messagesReceived++;
    this.bytesReceived += bytes;
  }

  sent(messages: number, bytes: number): void {
    this.messagesSent += messages;
    this.bytesSent += bytes;
  }

  /**
   * A request has been answered, well or not.
   * @param method index into the registered names; anything else counts as unknown
   */
  handled(method: number, durationUs: number): void {
    const row = method >= 0 && method < this.methods.length ? method + 1 : 0;
    let bucket = 0;
    while (bucket < BUCKETS - 1 && durationUs > (LATENCY_BOUNDS_US[bucket] as number)) bucket++;
    increment(this.buckets, row * BUCKETS + bucket);
    this.sumsUs[row] = (this.sumsUs[row] as number) + durationUs;
  }

  /** A message was answered with an error. */
  failed(name: ErrorName): void {
    increment(this.errors, this.errorIndex.get(name) as number);
  }

  /** A message or a handshake was refused by a rate limit. */
  refusedByRate(scope: RateScope): void {
    increment(this.refusals, this.scopeIndex.get(scope) as number);
  }

  get activeConnections(): number {
    return this.opened - this.ended;
  }

  snapshot(): TrafficSnapshot {
    const latency = this.latency();
    return {
      connections: {
        opened: this.opened,
        active: this.activeConnections,
        closed: countsOf(['other', ...CLOSE_CODES.map(String)], this.closes),
      },
      messages: {
        received: this.messagesReceived,
        sent: this.messagesSent,
        receivedBytes: this.bytesReceived,
        sentBytes: this.bytesSent,
        handled: latency.reduce((sum, { count }) => sum + count, 0),
      },
      errors: countsOf(ERROR_NAMES, this.errors),
      rateRefusals: countsOf(RATE_SCOPES, this.refusals),
      latency,
    };
  }

  private latency(): MethodLatency[] {
    return [UNKNOWN_METHOD, ...this.methods]
      .map((method, row) => {
        const buckets = [...this.buckets.subarray(row * BUCKETS, (row + 1) * BUCKETS)];
        return { method, count: buckets.reduce((sum, count) => sum + count, 0), sumUs: this.sumsUs[row] as number, buckets };
      })
      .filter(({ count }) => count > 0);
  }
}

function grown(counts: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const longer = new Float64Array(length);
  longer.set(counts);
  return longer;
}

function increment(counts: Float64Array, index: number): void {
  counts[index] = (counts[index] as number) + 1;
}

function countsOf<Name extends string>(names: readonly Name[], counts: Float64Array): Record<Name, number> {
  return Object.fromEntries(names.map((name, index) => [name, counts[index]])) as Record<Name, number>;
}
