// The port by which other modules say that something happened. events/ implements it.

/** For events that only those who are subscribed at that moment hear: no cursor, not in the log (PROTOCOL.md §5). Changes that must not be lost are published by the transaction that makes them: `WriteContext.publish`. */
export interface EventPublisher {
  announce(tenant: string, event: string, data: Readonly<Record<string, unknown>>): void;
}
export const EventPublisher = Symbol('EventPublisher');
