// The one table from what went wrong to what the peer is told (PROTOCOL.md §7).
import { ErrorCode } from '@mcpw/protocol';

import type { WireError } from '../connection/message-codec.js';
import { Failure, type FailureKind } from '../extension/failure.js';

const CODES: Readonly<Record<FailureKind, number>> = {
  invalid_message: ErrorCode.INVALID_MESSAGE,
  authentication_failed: ErrorCode.AUTHENTICATION_FAILED,
  rate_limited: ErrorCode.RATE_LIMITED,
  method_not_found: ErrorCode.METHOD_NOT_FOUND,
  invalid_params: ErrorCode.INVALID_PARAMS,
  cancelled: ErrorCode.CANCELLED,
  context_too_large: ErrorCode.CONTEXT_TOO_LARGE,
  conflict: ErrorCode.CONFLICT,
  not_found: ErrorCode.NOT_FOUND,
  replay_rejected: ErrorCode.REPLAY_REJECTED,
  signature_invalid: ErrorCode.SIGNATURE_INVALID,
  forbidden: ErrorCode.FORBIDDEN,
  not_initialized: ErrorCode.NOT_INITIALIZED,
  timed_out: ErrorCode.TIMED_OUT,
  too_large: ErrorCode.TOO_LARGE,
  unavailable: ErrorCode.UNAVAILABLE,
};

/** @param reference names the log line that has the cause of an unexpected error */
export function wireError(error: unknown, reference: () => string): WireError {
  if (!(error instanceof Failure)) return { code: ErrorCode.SERVER_ERROR, message: 'server error', data: { ref: reference() } };
  const { kind, message, data } = error;
  return data === undefined ? { code: CODES[kind], message } : { code: CODES[kind], message, data };
}

export function failureCode(kind: FailureKind): number {
  return CODES[kind];
}
