// A queue in which parties take turns: who has much in it does not hold up who has little.

export class FairQueue<T> {
  /** By whose turn is next; of each, the oldest first. */
  private readonly items = new Map<string, T[]>();

  push(party: string, item: T): void {
    const own = this.items.get(party);
    if (own) own.push(item);
    else this.items.set(party, [item]);
  }

  /** The oldest item of whose turn it is. What is pushed again goes behind all others of its party. */
  shift(): { readonly party: string; readonly item: T } | undefined {
    for (const [party, [item, ...rest]] of this.items) {
      this.items.delete(party);
      if (rest.length > 0) this.items.set(party, rest);
      return { party, item: item as T };
    }
    return undefined;
  }

  /** Takes out what matches, as if it had never been in the queue. */
  remove(party: string, matches: (item: T) => boolean): void {
    const left = this.items.get(party)?.filter((item) => !matches(item));
    if (left === undefined) return;
    if (left.length > 0) this.items.set(party, left);
    else this.items.delete(party);
  }
}
