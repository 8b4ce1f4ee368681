// What a load process is asked to do, and what it answers. The process itself: load-process.ts.

export type Encoding = 'json' | 'binary';

/** How requests look on the wire. `mcpw` is ours; the peers' are in dialects.ts. */
export type DialectName = 'mcpw' | 'bare' | 'socket.io' | 'json-rpc' | 'mcp';

/** Requests as fast as they are answered, or at a rate. */
export interface RequestJob {
  readonly kind: 'requests';
  readonly url: string;
  readonly key?: string;
  readonly encoding: Encoding;
  readonly connections: number;
  /** Requests of a connection that are not answered yet, at most. */
  readonly inFlight: number;
  /** Requests in one message. */
  readonly batch: number;
  readonly method: string;
  readonly params: object;
  /** Requests a second over all connections; undefined: as many as go. */
  readonly rate?: number;
  /** Requests not answered yet over all connections together, each sent on the next connection: in place of `inFlight`. */
  readonly roaming?: number;
  /** A member of the params that differs: the prefix and a random number below the count. */
  readonly variety?: { readonly member: string; readonly prefix: string; readonly count: number };
  /** Default: ours where `initialize` is true, else bare ws. */
  readonly dialect?: DialectName;
  /** Whether the server speaks our protocol: peers that only echo need no `initialize`. */
  readonly initialize: boolean;
}

/** Tool calls by HTTP, one at a time on each connection that is kept alive. */
export interface HttpJob {
  readonly kind: 'http';
  readonly url: string;
  readonly connections: number;
  /** Of `tools/call`. */
  readonly params: object;
}

/** Connections that are opened, initialized where asked, and then kept silent until the process ends. */
export interface IdleJob {
  readonly kind: 'idle';
  readonly url: string;
  readonly key?: string;
  readonly connections: number;
  readonly initialize: boolean;
}

/** Handshakes, one after the other on each of `parallel` lanes, each closed again. */
export interface HandshakeJob {
  readonly kind: 'handshakes';
  readonly url: string;
  readonly key?: string;
  readonly parallel: number;
}

/** Bursts of events to many subscribers, each burst when all have had the last. */
export interface FanOutJob {
  readonly kind: 'fan-out';
  readonly dialect: 'mcpw' | 'bare' | 'socket.io' | 'nats';
  readonly url: string;
  readonly key?: string;
  readonly encoding: Encoding;
  readonly subscribers: number;
}

/** Clients that all lose their connections at once and come back, `parallel` at a time. */
export interface StormJob {
  readonly kind: 'storm';
  readonly url: string;
  readonly key?: string;
  readonly clients: number;
  readonly parallel: number;
  /** Whether they initialize, subscribe, resume and catch up; else a handshake is all. */
  readonly sessions: boolean;
  /** Published while they are away. */
  readonly missed: number;
}

/** Context updates of many writers, one at a time each. */
export interface WriterJob {
  readonly kind: 'writers';
  readonly url: string;
  readonly key: string;
  readonly writers: number;
  readonly encoding: Encoding;
  readonly content: string;
}

export type Job = RequestJob | HttpJob | IdleJob | HandshakeJob | FanOutJob | StormJob | WriterJob;

export interface JobResult {
  readonly done: number;
  readonly errors: number;
  /** Handshakes that had to be tried again. */
  readonly refusals?: number;
  readonly seconds: number;
  /** Of each request, ms: median, 99th percentile. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** A job whose connections are open: runs as often as it is asked to. */
export interface Runnable {
  /** @param burst of a fan-out: events that are published in one message */
  run(seconds: number, burst?: number): Promise<JobResult>;
}

/** What a load process is told: to open a job's connections, then to run it. */
export type Question = { readonly job: Job } | { readonly seconds: number; readonly burst?: number | undefined };

export const NOTHING: JobResult = { done: 0, errors: 0, seconds: 0, p50Ms: 0, p99Ms: 0 };
