// Loaded into every measured process by `--import`: answers its parent's questions about itself over IPC, so that ours and
// every peer are measured by the same means. Does nothing until it is asked.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';

export interface Usage {
  /** CPU time of the whole process since its start, user and system, µs. */
  readonly cpuUs: number;
  readonly rssBytes: number;
  readonly heapUsedBytes: number;
  readonly externalBytes: number;
  /** Bytes that were ever allocated on the heap, as far as V8 tells. */
  readonly allocatedBytes: number;
  /** Longest pause of the event loop since the last question, ms. */
  readonly longestStallMs: number;
}

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();

process.on('message', (question: { ask?: string; id?: number }) => {
  if (question.ask === 'gc') for (let i = 0; i < 3; i++) (globalThis as { gc?: () => void }).gc?.();
  if (question.ask === 'usage' || question.ask === 'gc') process.send?.({ id: question.id, usage: usage() });
});
// The channel to the parent must not keep a server alive that has ended otherwise.
process.channel?.unref();

function usage(): Usage {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, external } = process.memoryUsage();
  const longestStallMs = delay.max / 1e6;
  delay.reset();
  return {
    cpuUs: user + system,
    rssBytes: rss,
    heapUsedBytes: heapUsed,
    externalBytes: external,
    allocatedBytes: (getHeapStatistics() as unknown as { total_allocated_bytes?: number }).total_allocated_bytes ?? 0,
    longestStallMs,
  };
}
