// One line of the table: what was measured, in turn with its peer, and what it is to be.

/** A ratio's or a value's target: at most, or at least. */
export interface Target {
  readonly atMost?: number;
  readonly atLeast?: number;
}

export interface Row {
  readonly name: string;
  /** The median over the rounds. */
  readonly value: number;
  /** Least and most over the rounds. */
  readonly spread: readonly [number, number];
  /** The absolute figures behind the ratio, for people. */
  readonly detail: string;
  readonly target: Target;
  readonly met: boolean;
}

export function rowOf(name: string, values: readonly number[], detail: string, target: Target): Row {
  const sorted = [...values].sort((a, b) => a - b);
  const value = median(values);
  const met = (target.atMost === undefined || value <= target.atMost) && (target.atLeast === undefined || value >= target.atLeast);
  return { name, value, spread: [sorted[0] ?? NaN, sorted.at(-1) ?? NaN], detail, target, met };
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
}

/** Measures a row or several that share their processes. */
export type RowMaker = (options: RowOptions) => Promise<readonly Row[]>;
