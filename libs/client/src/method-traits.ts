// What becomes of a request whose connection was lost before its answer came, and which requests can be cancelled.
import { METHOD_NUMBERS } from '@mcpw/protocol';

/**
 * - `freely`: it only reads, and is asked again;
 * - `by-key`: it is asked again with its idempotency key, so that it runs once (protocol §6);
 * - `never`: it is about the connection that is gone.
 */
export type Repeat = 'freely' | 'by-key' | 'never';

const READS: ReadonlySet<string> = new Set(['tool.list', 'context.get', 'context.list', 'context.search']);
const OF_THE_CONNECTION: ReadonlySet<string> = new Set([
  'initialize',
  'session.ack',
  'session.authenticate',
  'event.subscribe',
  'event.unsubscribe',
  'tool.register',
  'tool.unregister',
  'tool.cancel',
]);

/** Methods that are not the protocol's own may change something. */
export function repeatOf(method: string): Repeat {
  if (READS.has(method)) return 'freely';
  return OF_THE_CONNECTION.has(method) ? 'never' : 'by-key';
}

/** Tools and methods of modules may take long; all others are answered before a cancel would arrive. */
export function isCancellable(method: string): boolean {
  return method === 'tool.execute' || !Object.hasOwn(METHOD_NUMBERS, method);
}
