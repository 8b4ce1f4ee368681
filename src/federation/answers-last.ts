// The SDK handles an answer at once and a notification in the microtask after it came. Where both come in one piece, the last progress
// of a call would be about a call that is over: so an answer waits for what came before it.
import type { JSONRPCMessage } from '@modelcontextprotocol/client';

export function answersLast(message: JSONRPCMessage, deliver: (message: JSONRPCMessage) => void): void {
  if ('method' in message) deliver(message);
  else queueMicrotask(() => deliver(message));
}
