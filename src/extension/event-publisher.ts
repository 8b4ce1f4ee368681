// The port by which other modules say that something happened. events/ implements it.

/** For events that only those who are subscribed at that moment hear: no cursor, not in the log (PROTOCOL.md §5). Changes that must not be lost are published by the transaction that makes them: `WriteContext.publish`. */
export interface EventPublisher {
  /** Whether anybody would hear of it now; absent: perhaps. Asked where making the data would cost more than the question. */
  isHeard?(tenant: string, event: string): boolean;
  announce(tenant: string, event: string, data: Readonly<Record<string, unknown>>): void;
}
export const EventPublisher = Symbol('EventPublisher');
