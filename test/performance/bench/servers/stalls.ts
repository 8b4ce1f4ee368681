// How long the event loops of the measured servers stood still, over all rows.

/** A stretch in which an event loop did not turn, ms. */
export interface Stall {
  /** Without the time in which the thread was ready and the machine ran others. */
  readonly stallMs: number;
  /** By the clock. */
  readonly wallMs: number;
}

const longestOf = new Map<string, Stall & { readonly during: string }>();
let row = '';

/** Stalls are from now on this row's. */
export function nameRow(name: string): void {
  row = name;
}

export function noteStall(server: string, stall: Stall): void {
  const longest = longestOf.get(server);
  if (longest === undefined || stall.stallMs > longest.stallMs) longestOf.set(server, { ...stall, during: row });
}

export function longestStall(server: string): (Stall & { readonly during: string }) | undefined {
  return longestOf.get(server);
}
