// What a feature may know of a connection: that things can be sent to the peer, and when it is gone.
// Not the socket, the encoding or the state machine: those are connection/ and protocol/.

/** A notification that many receive alike but for its `subscription_id`; it is encoded once for each encoding. */
export class SharedNotification {
  /** Owned by the protocol layer: the encoded forms, made at the first use. */
  encoded: unknown = undefined;

  /**
   * @param method notification's name, e.g. `event`
   * @param params its params but `subscription_id`, which each receiver gets as the first member
   */
  constructor(
    readonly method: string,
    readonly params: Readonly<Record<string, unknown>>,
  ) {}
}

export interface PeerRequestOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  readonly onProgress?: (progress: { progress: number; total?: number; message?: string }) => void;
}

export interface Channel {
  /** The session's id. */
  readonly id: string;
  readonly isOpen: boolean;
  /** False while the peer reads more slowly than we write: hold back, and go on at `onceDrained`. */
  readonly isWritable: boolean;
  notify(method: string, params: object): void;
  /** Sends a notification encoded once for all receivers. `subscriptionId` is 22 characters of base64url. */
  forward(shared: SharedNotification, subscriptionId: string): void;
  /** Asks the peer. Rejects with a `Failure`: `unavailable` when the connection ends, `timed_out`, `cancelled`, or the peer's own. */
  request(method: string, params: object, options?: PeerRequestOptions): Promise<unknown>;
  /** Calls back once, when the peer has caught up (at once if it has). Returns the way to take it back. */
  onceDrained(listener: () => void): () => void;
  /** Calls back once, when the connection has ended. Returns the way to take it back. */
  onceClosed(listener: () => void): () => void;
}
