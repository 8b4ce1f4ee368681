// The JWT that a principal was read from, for those who may pass it on to other servers (`forwardCallerToken`). Kept no longer
// than the principal, never logged, never part of one. API keys are not kept: they are this server's and mean nothing elsewhere.
import type { Principal } from './principal.js';

const tokens = new WeakMap<Principal, string>();

export function keepCallerToken(principal: Principal, token: string): void {
  tokens.set(principal, token);
}

/** Undefined: the caller has none that can be passed on. */
export const callerTokenOf = (principal: Principal): string | undefined => tokens.get(principal);
