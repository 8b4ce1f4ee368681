// For specs that bound what something costs: the thread's own CPU time, to which other programs of the machine add nothing.

/** Milliseconds of this thread's CPU since it began, user and system. */
export function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
