// Rounds: each variant in turn within every round, so that what the machine does meanwhile meets all of them alike.
import type { Load } from './load/load-client.js';
import type { JobResult } from './load/load-jobs.js';
import type { Measured } from './servers/measured-process.js';

/**
 * Measures each once a round. Before the first round all run at once and again, at least once and for some seconds, and what that
 * gives is not kept.
 * @returns each one's values, by round
 */
export async function inTurn<Name extends string>(
  rounds: number,
  variants: Readonly<Record<Name, () => Promise<number>>>,
  warmUpSeconds: number,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(variants) as Name[];
  const values = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  if (warmUpSeconds > 0) await Promise.all(names.map(async (name) => repeat(variants[name], warmUpSeconds)));
  for (let round = 0; round < rounds; round++) {
    for (const name of names) values[name].push(await variants[name]());
  }
  return values;
}

async function repeat(work: () => Promise<unknown>, seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000;
  do await work();
  while (performance.now() < end);
}

/** Runs an opened load for a stretch. @returns µs of the server's CPU for each thing done. @throws Error where one failed */
export async function costOfRun(server: Measured, load: Load, seconds: number, burst?: number): Promise<number> {
  const before = await server.usage();
  const result = await load.run(seconds, burst);
  const after = await server.usage();
  return (after.cpuUs - before.cpuUs) / checked(result).done;
}

export function checked(result: JobResult): JobResult {
  if (result.errors > 0) throw new Error(`${result.errors} of ${result.done} failed`);
  if (result.done === 0) throw new Error('nothing was answered');
  return result;
}

/** Of each round, what one is to the other. */
export function ratios(values: readonly number[], to: readonly number[]): number[] {
  return values.map((value, round) => value / (to[round] as number));
}

/** Ends all that was started, what was started last first, also when measuring failed. */
export async function using<Result>(
  work: (own: <T extends { stop(): Promise<void> } | { close(): Promise<void> }>(thing: Promise<T>) => Promise<T>) => Promise<Result>,
): Promise<Result> {
  const owned: Promise<{ stop(): Promise<void> } | { close(): Promise<void> }>[] = [];
  try {
    return await work(async (thing) => {
      owned.push(thing);
      return thing;
    });
  } finally {
    // Also what was still being started when something else failed.
    for (const starting of owned.reverse()) {
      const thing = await starting.catch(() => undefined);
      if (thing !== undefined) await ('stop' in thing ? thing.stop() : thing.close());
    }
  }
}
