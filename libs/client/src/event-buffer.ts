// Events between their arrival and the consumer who asks for them one by one. Bounded by its owner, who is told how many wait, or by
// forgetting the oldest.

export class EventBuffer<T> {
  private readonly items: T[] = [];
  private readonly askers: { resolve: (result: IteratorResult<T, undefined>) => void; reject: (error: unknown) => void }[] = [];
  private ending: { readonly error: Error } | 'done' | undefined;

  /** @param kept items that wait; past this the oldest go */
  constructor(private readonly kept = Infinity) {}

  get size(): number {
    return this.items.length;
  }

  put(item: T): void {
    if (this.ending !== undefined) return;
    const asker = this.askers.shift();
    if (asker === undefined) {
      if (this.items.push(item) > this.kept) this.items.shift();
    } else asker.resolve({ done: false, value: item });
  }

  /** The next item, once there is one; after the end what is left, and then that. */
  take(): Promise<IteratorResult<T, undefined>> {
    if (this.items.length > 0) return Promise.resolve({ done: false, value: this.items.shift() as T });
    const { ending } = this;
    if (ending === 'done') return Promise.resolve({ done: true, value: undefined });
    if (ending !== undefined) {
      this.ending = 'done';
      return Promise.reject(ending.error);
    }
    return new Promise((resolve, reject) => this.askers.push({ resolve, reject }));
  }

  /** Nothing comes any more. Who asks next gets the error, if there is one, and is done after that. */
  end(error?: Error): void {
    if (this.ending !== undefined) return;
    this.ending = error === undefined ? 'done' : { error };
    for (const asker of this.askers.splice(0)) void this.take().then(asker.resolve, asker.reject);
  }

  /** Drops what waits. */
  clear(): void {
    this.items.length = 0;
  }
}
