// Loaded into every measured process by `--import`: answers its parent's questions about itself over IPC, so that ours and
// every peer are measured by the same means. Beside that it only watches for how long the event loop does not turn.
import { openSync, readSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const TICK_MS = 5;
/** Opened once: to open and close it at each tick cost a server up to a twentieth of its time. */
const SCHEDSTAT = openSync('/proc/self/schedstat');
const line = Buffer.alloc(64);

// A server's own threads load this too; the process speaks for them.
if (isMainThread) {
  let last = performance.now();
  let lastWaitedMs = waitedMs();
  let longest = { stallMs: 0, wallMs: 0 };
  setInterval(() => {
    const now = performance.now();
    const waited = waitedMs();
    const wallMs = now - last - TICK_MS;
    const stallMs = wallMs - (waited - lastWaitedMs);
    if (stallMs > longest.stallMs) longest = { stallMs, wallMs };
    last = now;
    lastWaitedMs = waited;
  }, TICK_MS).unref();

  process.on('message', ({ ask, id }) => {
    if (ask !== 'gc' && ask !== 'usage') return;
    if (ask === 'gc') for (let i = 0; i < 3; i++) globalThis.gc();
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed, external } = process.memoryUsage();
    const usage = { userUs: user, cpuUs: user + system, rssBytes: rss, heapUsedBytes: heapUsed, externalBytes: external, longest };
    longest = { stallMs: 0, wallMs: 0 };
    // What the question itself took is nobody's stall.
    last = performance.now();
    lastWaitedMs = waitedMs();
    process.send({ id, usage });
  });
  // The channel to the parent must not keep a server alive that has ended otherwise.
  process.channel.unref();
}

/**
 * For how long this thread was ready to run and another had the processor, since its start. On a machine that others use
 * too, that is theirs and not the server's.
 */
function waitedMs() {
  const length = readSync(SCHEDSTAT, line, 0, line.length, 0);
  return Number(line.latin1Slice(0, length).split(' ')[1]) / 1e6;
}
