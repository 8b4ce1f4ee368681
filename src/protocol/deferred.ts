// What a handler may return in place of a value, as in any Nest gateway: a promise or anything else with a `then`, an
// observable, of which the last value counts, or a promise of one.
import { fromEvent, isObservable, lastValueFrom, takeUntil } from 'rxjs';

export function isDeferred(result: unknown): boolean {
  return (
    typeof result === 'object' && result !== null && (typeof (result as { then?: unknown }).then === 'function' || isObservable(result))
  );
}

/** @param signal of the call: an observable that nobody waits for any more is unsubscribed from */
export async function valueOf(result: unknown, signal: () => AbortSignal): Promise<unknown> {
  const value: unknown = await result;
  if (!isObservable(value)) return value;
  return lastValueFrom(value.pipe(takeUntil(fromEvent(signal(), 'abort'))), { defaultValue: undefined });
}
