// What the load process is asked to do, and what it answers. The process itself: load-process.ts.

export type Encoding = 'json' | 'binary';

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
  readonly seconds: number;
  /** Requests a second over all connections; undefined: as many as go. */
  readonly rate?: number;
  /** Whether the server speaks the protocol: peers that only echo need no `initialize`. */
  readonly initialize: boolean;
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
  readonly seconds: number;
}

export type Job = RequestJob | IdleJob | HandshakeJob;

export interface JobResult {
  readonly done: number;
  readonly errors: number;
  readonly seconds: number;
  /** Of each request, ms: median, 99th percentile. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}
