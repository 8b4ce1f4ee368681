// The port by which other modules say that something happened. events/ implements it.

export interface EventPublisher {
  /** Whether anybody would hear of it now; absent: perhaps. Asked where making the data would cost more than the question. */
  isHeard?(tenant: string, event: string): boolean;
  /**
   * For events that only those who are subscribed at that moment hear: no cursor, not in the log (PROTOCOL.md §5). Cheap, and lost on
   * who is away.
   */
  announce(tenant: string, event: string, data: Readonly<Record<string, unknown>>): void;
  /**
   * For events that must not be lost: kept in the log, delivered to all subscribers of the tenant in the log's order, also to those who come
   * back later, until they are older than `events.retention` says. Resolves when the event is on disk. This server's own changes do not use it: their events are
   * written by the transaction that makes the change (`WriteContext.publish`).
   * @param event dot-separated parts; not `context.…`, `tool.…`, `agent.…` or `server.…`, which are the server's
   * @param data as `JSON.stringify` takes it
   * @returns the event's cursor, as subscribers see it
   * @throws TypeError for a name or data that cannot be published: the module's mistake; Failure `too_large` where the notification of it
   *   would exceed `max_message_size`, `unavailable` where it could not be written
   */
  publish(tenant: string, event: string, data: unknown): Promise<{ readonly cursor: string }>;
}
export const EventPublisher = Symbol('EventPublisher');
