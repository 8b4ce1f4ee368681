// One line of the table: what was measured, in turn with its peer, and what it is to be.

/** A ratio's or a value's target: at most, or at least; neither where it is shown for comparison. */
export interface Target {
  readonly atMost?: number;
  readonly atLeast?: number;
}

export interface Row {
  readonly name: string;
  /** The median over the rounds; null where it was not measured, and the detail says why. */
  readonly value: number | null;
  /** Least and most over the rounds. */
  readonly spread: readonly [number, number] | null;
  /** The absolute figures behind the ratio, for people. */
  readonly detail: string;
  readonly target: Target;
  readonly met: boolean;
  /** For rows that are a course over something: the value at each place. */
  readonly curve?: readonly { readonly at: number; readonly value: number }[];
}

export function rowOf(name: string, values: readonly number[], detail: string, target: Target): Row {
  const sorted = [...values].sort((a, b) => a - b);
  const value = median(values);
  return { name, value, spread: [sorted[0] ?? NaN, sorted.at(-1) ?? NaN], detail, target, met: isMet(value, target) };
}

export function notMeasured(name: string, reason: string): Row {
  return { name, value: null, spread: null, detail: `not measured: ${reason}`, target: {}, met: true };
}

/** A row that could not be measured: that is no result, and not a good one. */
export function unmeasured(name: string, reason: string): Row {
  return { name, value: null, spread: null, detail: reason, target: {}, met: false };
}

export function isMet(value: number, { atMost, atLeast }: Target): boolean {
  return (atMost === undefined || value <= atMost) && (atLeast === undefined || value >= atLeast);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? NaN) : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

export interface RowOptions {
  readonly rounds: number;
  /** Length of one measured stretch. */
  readonly seconds: number;
  /** For how long all variants of a row run before the first round: a server runs for weeks, and what is measured is its compiled code. */
  readonly warmUpSeconds: number;
  /** The form for every day: fewer connections, contexts and clients where setting them up is what takes long. */
  readonly isShort: boolean;
}

/** Measures a row or several that share their processes. */
export type RowMaker = (options: RowOptions) => Promise<readonly Row[]>;
