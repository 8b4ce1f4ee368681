// How an attempt to connect, or a connection, came to its end. What follows from it: reconnect-policy.ts.
import type { McpwError, UnsupportedError, UpgradeRefusedError } from './errors.js';

export type Ending =
  /** The WebSocket was closed, or broke: 1006. */
  | { readonly kind: 'closed'; readonly code: number; readonly reason: string }
  /** The upgrade was answered with something other than a WebSocket. */
  | { readonly kind: 'refused'; readonly error: UpgradeRefusedError }
  /** `initialize` was answered with an error. */
  | { readonly kind: 'rejected'; readonly error: McpwError }
  /** Nobody there, or not in time. */
  | { readonly kind: 'unreachable'; readonly error: unknown }
  /** The platform cannot, or the server speaks another version. */
  | { readonly kind: 'unsupported'; readonly error: UnsupportedError }
  /** There is no credential to come with. */
  | { readonly kind: 'no-credential'; readonly error: unknown };
