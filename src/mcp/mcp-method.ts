// A method of MCP as it is served here.
import type { Failure } from '../extension/failure.js';
import type { Era } from './protocol-versions.js';

/** What a client of the newer era may keep of a result. */
export interface CacheHint {
  readonly ttlMs: number;
  readonly cacheScope: 'public' | 'private';
}

/** @typeParam Call what it is told of a call: `McpCall`, which knows its method in turn */
export interface MethodOf<Call> {
  readonly name: string;
  /** The scope its callers need; without one any may call it, and what it does asks for more where it has to. */
  readonly scope?: string;
  /** Unset: both. */
  readonly era?: Era;
  readonly cache?: CacheHint;
  /** Whether it may ask the client for more before it answers (`InputRequired`). */
  readonly mayAsk?: true;
  /** Whether it lasts until somebody ends it. */
  readonly isStream?: true;
  /** The result's members, `EncodedResult` where they are text already, or a promise of it. Throws `Failure` or `ProtocolError`. */
  readonly run: (call: Call) => unknown;
  /** The result that says a failure, where one does; undefined: it is an error. */
  readonly told?: (failure: Failure) => unknown;
}

/** A result's members as JSON text, made before. */
export class EncodedResult {
  constructor(readonly json: string) {}
}
