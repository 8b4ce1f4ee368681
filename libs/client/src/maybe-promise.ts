// A value that is there at once on one platform and later on another: Node's cryptography is synchronous, that of browsers is not.

export type MaybePromise<T> = T | Promise<T>;

/** `use(value)`: at once where the value is there, without a turn of the event loop between. */
export function whenReady<T, R>(value: MaybePromise<T>, use: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return value instanceof Promise ? value.then(use) : use(value);
}

/** `work` on each item, the next one only when that on the one before is done; at once as far as nothing has to be waited for. */
export function eachInTurn<T, R>(items: readonly T[], work: (item: T) => MaybePromise<R>, done: R[] = []): MaybePromise<R[]> {
  for (let at = done.length; at < items.length; at++) {
    const result = work(items[at] as T);
    if (result instanceof Promise) return result.then((value) => eachInTurn(items, work, [...done, value]));
    done.push(result);
  }
  return done;
}
