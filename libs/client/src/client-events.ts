// What a client tells its listeners of, by name.
import type { StateChange } from './lifeline.js';
import type { JsonObject } from './method-map.js';
import { oneOf } from './option-checks.js';

export interface ClientEvents {
  state: StateChange;
  /** The tools that can be used have changed: list them again. */
  toolsChanged: undefined;
  /** The server is about to go; the client will come back by itself. */
  draining: { readonly reconnectInMs: number };
  /** A notification of a module that was added to the server. */
  notification: { readonly method: string; readonly params: JsonObject };
}

const NAMES: Readonly<Record<keyof ClientEvents, true>> = { state: true, toolsChanged: true, draining: true, notification: true };

export const EVENT_NAME = oneOf(...Object.keys(NAMES));
