// The transport's side of one call: the way by which what belongs to the call goes to the client. Several messages may come before
// the answer, none after.

import type { AskOptions } from './client-requests.js';
import type { Failure } from '../extension/failure.js';

/** How an answer ends, for transports that say so themselves. */
export interface AnswerEnd {
  /** HTTP status, where nothing has been sent yet. */
  readonly status: number;
  /** Why there is no result, where HTTP has headers that say so too. */
  readonly failure?: Failure | undefined;
  /** The client has taken the call back: over a connection of many calls it is not answered at all. */
  readonly isCancelled?: boolean;
}

export interface CallLink {
  readonly isOpen: boolean;
  /** False while the client reads more slowly than we write. */
  readonly isWritable: boolean;
  /** A message before the answer. @returns false where the client takes none: then it is dropped */
  send(text: string): boolean;
  answer(text: string, end: AnswerEnd): void;
  /** Asks the client, in the older era. Rejects with a `Failure`. Undefined where there is no way back. */
  readonly request: ((method: string, params: object, options: AskOptions) => Promise<unknown>) | undefined;
  onceDrained(listener: () => void): () => void;
  onceClosed(listener: () => void): () => void;
}
