/** Why a socket was closed. PROTOCOL.md §7. */
export const CloseCode = {
  NORMAL: 1000,
  GOING_AWAY: 1001,
  UNSUPPORTED_DATA: 1003,
  INVALID_PAYLOAD: 1007,
  /** A message in too many pieces. */
  POLICY_VIOLATION: 1008,
  MESSAGE_TOO_BIG: 1009,
  INTERNAL_ERROR: 1011,
  /** Broken beyond answering. */
  PROTOCOL_BROKEN: 4400,
  /** Not or no longer authenticated: come back with a fresh credential. */
  UNAUTHENTICATED: 4401,
  FORBIDDEN: 4403,
  INITIALIZE_TIMEOUT: 4408,
  RESUMED_ELSEWHERE: 4409,
  RATE_LIMIT_IGNORED: 4429,
  /** Come back after the hinted time. */
  DRAINING: 4503,
  PONG_TIMEOUT: 4508,
  SEND_QUEUE_OVERFLOW: 4513,
} as const;

export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];

/** What a person reads where there is nothing more exact to say. */
export const CLOSE_NAMES: Readonly<Record<CloseCode, string>> = {
  1000: 'normal',
  1001: 'going away',
  1003: 'unsupported data',
  1007: 'invalid payload',
  1008: 'policy violation',
  1009: 'message too big',
  1011: 'internal error',
  4400: 'protocol broken',
  4401: 'unauthenticated',
  4403: 'forbidden',
  4408: 'no initialize in time',
  4409: 'resumed elsewhere',
  4429: 'rate limit ignored',
  4503: 'draining',
  4508: 'no pong in time',
  4513: 'send queue overflow',
};

/**
 * Whether a client may come back as it was, with backoff and full jitter: yes after 45xx and where the network or
 * the server failed (1001, 1006, 1011, 1012, 1013), no after 44xx, 1000 and what the client itself did wrong.
 */
export function mayReconnect(closeCode: number): boolean {
  if (closeCode >= 4500 && closeCode <= 4599) return true;
  return RETRYABLE.has(closeCode);
}

const RETRYABLE: ReadonlySet<number> = new Set([1001, 1006, 1011, 1012, 1013]);
