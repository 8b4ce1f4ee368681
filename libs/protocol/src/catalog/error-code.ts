/** `code` of an error. PROTOCOL.md §7. */
export const ErrorCode = {
  INVALID_MESSAGE: 4000,
  AUTHENTICATION_FAILED: 4001,
  /** `data{retry_after_ms,scope}` */
  RATE_LIMITED: 4002,
  /** Says nothing of the server's inside; `data{ref}` is in its log. */
  SERVER_ERROR: 4003,
  METHOD_NOT_FOUND: 4004,
  /** `data{errors[{path,message}]}` */
  INVALID_PARAMS: 4005,
  CANCELLED: 4006,
  /** `data{max_tokens,tokens}` */
  CONTEXT_TOO_LARGE: 4007,
  CONFLICT: 4008,
  NOT_FOUND: 4009,
  REPLAY_REJECTED: 4010,
  SIGNATURE_INVALID: 4011,
  /** `data{scope}` */
  FORBIDDEN: 4012,
  NOT_INITIALIZED: 4013,
  TIMED_OUT: 4014,
  TOO_LARGE: 4015,
  /** `data{retry_after_ms?}` */
  UNAVAILABLE: 4016,
} as const;

export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];

/** What a person reads where there is nothing more exact to say. */
export const ERROR_NAMES: Readonly<Record<ErrorCode, string>> = {
  4000: 'invalid message',
  4001: 'authentication failed',
  4002: 'rate limited',
  4003: 'server error',
  4004: 'method not found',
  4005: 'invalid params',
  4006: 'cancelled',
  4007: 'context too large',
  4008: 'conflict',
  4009: 'not found',
  4010: 'replay rejected',
  4011: 'signature missing or wrong',
  4012: 'forbidden',
  4013: 'not initialized',
  4014: 'timed out',
  4015: 'too large',
  4016: 'unavailable',
};
