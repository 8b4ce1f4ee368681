// Whether a message can be sent at all. What the server would close the connection for, or would not answer, is refused here, so
// that who made it is told.
import { ErrorCode } from '@mcpw/protocol';

import { McpwError } from './errors.js';
import type { Encoded } from './message-codec.js';

/** @param maxBytes of a message that is not compressed: what is, the server inflates no further. @throws McpwError `too_large` */
export function refuseTooLarge(message: Encoded, maxBytes: number): void {
  // Text has at most three bytes of UTF-8 for each of its units.
  if (message.length * 3 <= maxBytes) return;
  const bytes = typeof message === 'string' ? new TextEncoder().encode(message).length : message.length;
  if (bytes > maxBytes) throw new McpwError(ErrorCode.TOO_LARGE, `message of ${bytes} bytes exceeds the server's ${maxBytes}`);
}

/** @throws TypeError for params that are no message; McpwError `method_not_found` where the server has no number for the method */
export function withParams(method: string, encode: () => Encoded): Encoded {
  try {
    return encode();
  } catch (error) {
    if (error instanceof McpwError) throw error;
    throw new TypeError(`the params of ${method} cannot be sent: ${String(error)}`, { cause: error });
  }
}
