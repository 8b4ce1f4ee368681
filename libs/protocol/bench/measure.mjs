// What a function costs: time as the best of many short rounds (other programs only ever make a round slower), memory
// as the heap and the buffers that a run of calls took between two collections.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

const ROUND_MS = 1;
const WARM_UP_MS = 60;

/** Keeps results alive, so that no call is optimized away. */
export const sink = { value: undefined };

/** Microseconds a call of each function, measured in turns, so that both see the same machine. */
export function compareTime(functions, rounds) {
  const sizes = functions.map(warmUp);
  const best = functions.map(() => Infinity);
  for (let round = 0; round < rounds; round++) {
    functions.forEach((run, which) => {
      best[which] = Math.min(best[which], timeRound(run, sizes[which]));
    });
  }
  return best;
}

function warmUp(run) {
  let calls = 0;
  const start = performance.now();
  while (performance.now() - start < WARM_UP_MS) for (let i = 0; i < 16; i++) sink.value = run(calls++);
  return Math.max(8, Math.ceil((calls * ROUND_MS) / WARM_UP_MS));
}

function timeRound(run, calls) {
  const start = process.hrtime.bigint();
  for (let i = 0; i < calls; i++) sink.value = run(i);
  return Number(process.hrtime.bigint() - start) / calls / 1000;
}

/** Bytes that a call leaves to the garbage collector: few enough calls that it does not come between. */
export function allocatedBytes(run, bytesOfMessage) {
  const calls = Math.max(4, Math.min(2000, Math.floor(2_000_000 / (bytesOfMessage * 8 + 500))));
  const samples = [];
  for (let sample = 0; sample < 5; sample++) {
    collectGarbage();
    const before = process.memoryUsage();
    for (let i = 0; i < calls; i++) sink.value = run(i);
    const after = process.memoryUsage();
    samples.push((after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers) / calls);
  }
  return Math.max(0, Math.round(samples.sort((a, b) => a - b)[2]));
}
