// The time, injected so that tests move it.
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
}
export const Clock = Symbol('Clock');

export const systemClock: Clock = { now: Date.now };
