// Answers of `context.get` as they were encoded, for those who ask for the same again: a context that many agents follow is
// read more often than it changes. Not a cache that could be stale: a context's row and version name one content for good.

/** Of all answers together, and of one. */
const MOST_BYTES = 8_388_608;
const MOST_BYTES_OF_ONE = 262_144;

export class KeptAnswers<T extends { readonly length: number }> {
  /** In the order of their last use. */
  private readonly kept = new Map<string, T>();
  private bytes = 0;

  find(key: string): T | undefined {
    const answer = this.kept.get(key);
    if (answer === undefined) return undefined;
    this.kept.delete(key);
    this.kept.set(key, answer);
    return answer;
  }

  /** Keeps what was not found, unless it is very large. @returns the answer */
  keep(key: string, answer: T): T {
    if (answer.length > MOST_BYTES_OF_ONE) return answer;
    this.kept.set(key, answer);
    this.bytes += answer.length;
    for (const [oldest, { length }] of this.kept) {
      if (this.bytes <= MOST_BYTES) break;
      this.kept.delete(oldest);
      this.bytes -= length;
    }
    return answer;
  }

  /** Bytes, or characters, that are kept now. */
  get size(): number {
    return this.bytes;
  }
}
