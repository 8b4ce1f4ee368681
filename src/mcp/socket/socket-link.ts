// The link of a call that came over a WebSocket: all of a connection's calls share it.
import type { Connection } from '../../connection/connection.js';
import type { AnswerEnd, CallLink } from '../call-link.js';
import type { ClientRequests } from '../client-requests.js';

/** A connection whose client can be asked once it has a session. */
type AskedConnection = Connection & { readonly session: { readonly requests: ClientRequests } | undefined };

export class SocketLink implements CallLink {
  /** @param onAnswered called after each call's answer */
  constructor(
    private readonly connection: AskedConnection,
    private readonly onAnswered: () => void,
  ) {}

  get isOpen(): boolean {
    return this.connection.isOpen;
  }

  get isWritable(): boolean {
    return this.connection.isWritable;
  }

  get request(): CallLink['request'] {
    const { connection } = this;
    const { session } = connection;
    if (session === undefined) return undefined;
    return (method, params, options) => session.requests.ask((text) => connection.send(text), method, params, options);
  }

  send(text: string): boolean {
    this.connection.send(text);
    return this.connection.isOpen;
  }

  answer(text: string, { isCancelled }: AnswerEnd): void {
    if (isCancelled !== true) this.connection.send(text);
    this.onAnswered();
  }

  onceDrained(listener: () => void): () => void {
    return this.connection.onceDrained(listener);
  }

  onceClosed(listener: () => void): () => void {
    return this.connection.onceClosed(listener);
  }
}
