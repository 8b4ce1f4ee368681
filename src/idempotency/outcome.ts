// How a request that ran once ended, and how that is kept: results and failures alike, bytes in them included.
import { deserialize, serialize } from 'node:v8';

import { Encoded } from '@mcpw/protocol';

import { Failure, type FailureKind } from '../extension/failure.js';

export type Outcome =
  | { readonly result: unknown }
  | { readonly failure: { readonly kind: FailureKind; readonly message: string; readonly data?: Readonly<Record<string, unknown>> } }
  /** An unexpected error: of its inside nothing is told, so nothing is kept. */
  | { readonly error: true };

/** Failures by which a request did not run: they are no answer to keep, and the same key may try again. */
const DID_NOT_RUN: ReadonlySet<FailureKind> = new Set<FailureKind>([
  'invalid_message',
  'authentication_failed',
  'rate_limited',
  'method_not_found',
  'invalid_params',
  'replay_rejected',
  'signature_invalid',
  'forbidden',
  'not_initialized',
  'unavailable',
]);

/** What is kept of a failure; undefined where the request did not run. */
export function outcomeOf(error: unknown): Outcome | undefined {
  if (!(error instanceof Failure)) return { error: true };
  const { kind, message, data } = error;
  return DID_NOT_RUN.has(kind) ? undefined : { failure: { kind, message, ...(data && { data }) } };
}

/** The outcome once more: returns the result, or throws as the first time. */
export function replay(outcome: Outcome): unknown {
  if ('result' in outcome) return outcome.result;
  if ('failure' in outcome) throw new Failure(outcome.failure.kind, outcome.failure.message, outcome.failure.data);
  throw new Error('the request failed when it ran; this is its answer, asked for again');
}

/** @throws DataCloneError for a result that is no data (functions): then there is no answer to keep */
export const encodeOutcome = (outcome: Outcome): Uint8Array =>
  serialize('result' in outcome && outcome.result instanceof Encoded ? { result: outcome.result.toJSON() } : outcome);

/** @param answer as recorded: an encoded outcome, or the JSON text of a result that was written with its change */
export function decodeOutcome(answer: Uint8Array | string): Outcome {
  return typeof answer === 'string' ? { result: JSON.parse(answer) as unknown } : (deserialize(answer) as Outcome);
}
