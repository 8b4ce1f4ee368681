// The port to where sessions are kept, so that they outlive their connection and the server (PROTOCOL.md §6).
import type { Principal } from '../extension/principal.js';

/** A subscription as plain data: events/ makes and reads it. */
export type SavedSubscriptions = readonly unknown[];

export interface SavedSession {
  readonly id: string;
  readonly subscriptions: SavedSubscriptions;
}

export interface SessionStore {
  /** Keeps a session from its beginning; `token` makes it resumable. */
  open(id: string, token: string, principal: Principal, subscriptions: SavedSubscriptions): Promise<void>;
  save(id: string, subscriptions: SavedSubscriptions): Promise<void>;
  /** Starts the time within which it can be resumed. */
  leave(id: string, token: string, subscriptions: SavedSubscriptions): Promise<void>;
  /** The session, where the token is its own, the principal the same, and the time not over; undefined alike for all that is not so. */
  find(id: string, token: string, principal: Principal): Promise<SavedSession | undefined>;
}
export const SessionStore = Symbol('SessionStore');
