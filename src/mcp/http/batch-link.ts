// The answers of a batch, gathered until all are there. What comes before an answer has no place in them.
import type { CallLink } from '../call-link.js';

export class BatchLink {
  private readonly answers: string[] = [];
  private awaited = 0;
  private isClosed = false;

  constructor(private readonly done: (answers: readonly string[]) => void) {}

  /** The link of one member's call. */
  member(): CallLink {
    this.awaited++;
    return {
      isOpen: true,
      isWritable: true,
      request: undefined,
      send: () => false,
      answer: (text) => {
        this.awaited--;
        this.add(text);
      },
      onceDrained: (listener) => {
        queueMicrotask(listener);
        return () => undefined;
      },
      onceClosed: () => () => undefined,
    };
  }

  add(text: string): void {
    this.answers.push(text);
    this.look();
  }

  /** There are no more members. */
  close(): void {
    this.isClosed = true;
    this.look();
  }

  private look(): void {
    if (this.isClosed && this.awaited === 0) this.done(this.answers);
  }
}
