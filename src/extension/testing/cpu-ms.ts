// For specs that bound what something costs: the thread's own CPU time, to which other programs of the machine add nothing.

const TRIES = 8;

/** Milliseconds of this thread's CPU since it began, user and system. */
export function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/**
 * The least CPU that `run` cost in several tries, in milliseconds: what runs for the first time is not compiled yet, and a try may meet
 * the collection of others' garbage. It is tried no more once it stays below `boundMs`.
 */
export function leastCpuMs(run: () => unknown, boundMs: number): number {
  let least = Infinity;
  for (let i = 0; i < TRIES && least >= boundMs; i++) {
    const startedAt = cpuMs();
    run();
    least = Math.min(least, cpuMs() - startedAt);
  }
  return least;
}
