// Loaded into every measured process by `--import`: answers its parent's questions about itself over IPC, so that ours and
// every peer are measured by the same means. Does nothing until it is asked.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const delay = monitorEventLoopDelay({ resolution: 1 });
// A server's own threads load this too; the process speaks for them.
if (isMainThread) {
  delay.enable();
  process.on('message', ({ ask, id }) => {
    if (ask === 'gc') for (let i = 0; i < 3; i++) globalThis.gc();
    if (ask === 'gc' || ask === 'usage') process.send({ id, usage: usage() });
  });
  // The channel to the parent must not keep a server alive that has ended otherwise.
  process.channel.unref();
}

function usage() {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, external } = process.memoryUsage();
  const longestStallMs = delay.max / 1e6;
  delay.reset();
  return { cpuUs: user + system, rssBytes: rss, heapUsedBytes: heapUsed, externalBytes: external, longestStallMs };
}
