// What a supervised thread and its owner say to each other. Apart from the owner, which imports Nest: a thread that loads it takes half a
// second of CPU more to start, and 10 MB; so does the start before it knows its settings.

/** A thread's first message: that it can work, or why it cannot. */
export type ThreadGreeting = { readonly ready: true } | { readonly refused: string };

/** What a thread says of itself that it cannot work: for whoever started it to mend. */
export class ThreadRefusal extends Error {
  override readonly name = 'ThreadRefusal';
}

/** What tells the thread to end in good order. */
export const CLOSE = 'close';
