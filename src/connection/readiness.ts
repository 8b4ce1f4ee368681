// The port that tells whether this server takes new connections. Not why traffic is slow: that is monitoring/.

export interface Readiness {
  /** False from the start of a drain on, and before the server listens. */
  isReady(): boolean;
  /** A word for people while not ready, e.g. `draining`. */
  readonly reason: string | undefined;
}
export const Readiness = Symbol('Readiness');
