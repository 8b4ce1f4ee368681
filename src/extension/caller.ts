// What a handler is told of the call it answers, and the decorator that hands it over.
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';

import type { CallingClient } from './calling-client.js';
import type { Channel } from './channel.js';
import type { Principal } from './principal.js';
import type { TraceContext } from './trace-context.js';

/** Metadata of a request (PROTOCOL.md §2). */
export interface CallMeta extends TraceContext {
  readonly idempotency_key?: string;
  readonly timeout_ms?: number;
}

/** A request that is to run once (PROTOCOL.md §6): a store that keeps this with its change makes the two one transaction. */
export interface OnceClaim {
  readonly principalId: string;
  readonly method: string;
  readonly key: string;
  /** SHA-256 of the params' canonical form, hex. */
  readonly paramsHash: string;
  /** Set by the store that wrote the answer in its own transaction. */
  recorded: boolean;
}

export interface Caller {
  readonly principal: Principal;
  readonly channel: Channel;
  /** The request's id: the envelope's string, or a frame's sequence number. */
  readonly requestId: string | number;
  readonly meta: CallMeta;
  /** Aborted on cancel, timeout and disconnect; its reason is a `Failure`. */
  readonly signal: AbortSignal;
  readonly once?: OnceClaim | undefined;
  /** The client itself, where it speaks MCP and can be asked for more. */
  readonly client?: CallingClient | undefined;
  /** The answer bears this trace context, as its `meta` or `_meta`: that of who did the work elsewhere. */
  traceAnswer?(trace: TraceContext): void;
  /** Runs the task once the answer is on its way; never, when the call ends otherwise. Absent: the answer leaves as the handler returns. */
  onceAnswered?(task: () => void): void;
}

/** Index of the call in the arguments that the adapter gives a Nest handler: `[connection, params, call, pattern]`. */
export const CALL_ARGUMENT = 2;

/** Parameter decorator: the `Caller` of the message being handled. */
export const FromCaller = createParamDecorator(
  (_: unknown, context: ExecutionContext): Caller => context.getArgByIndex<{ caller: Caller }>(CALL_ARGUMENT).caller,
);
