// The one table from what went wrong to an HTTP status. The codes in the bodies are those of the wire: protocol/failure-code.ts.
import type { FailureKind } from '../extension/failure.js';

export const HTTP_STATUS: Readonly<Record<FailureKind, number>> = {
  invalid_message: 400,
  authentication_failed: 401,
  rate_limited: 429,
  method_not_found: 404,
  invalid_params: 400,
  cancelled: 499,
  context_too_large: 413,
  conflict: 409,
  not_found: 404,
  replay_rejected: 409,
  signature_invalid: 403,
  forbidden: 403,
  not_initialized: 409,
  timed_out: 504,
  too_large: 413,
  unavailable: 503,
};

/** What an answer of the HTTP stack itself (no such route, a body too large) is called in our words. */
export function kindOfStatus(status: number): FailureKind {
  return KINDS[status] ?? 'invalid_message';
}

const KINDS: Readonly<Record<number, FailureKind>> = {
  401: 'authentication_failed',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_found',
  408: 'timed_out',
  409: 'conflict',
  413: 'too_large',
  429: 'rate_limited',
  503: 'unavailable',
  504: 'timed_out',
};
