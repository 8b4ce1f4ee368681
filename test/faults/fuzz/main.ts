// `make fuzz SECONDS=60`: broken input against a server of its own. `--seed N` repeats a run.
import { parseArgs } from 'node:util';

import { ServerProcess } from '../../support/server-process.js';
import { fuzz } from './fuzz.js';

const PROGRESS_EVERY_MS = 5_000;
const UNLIMITED = 10_000_000;

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string', default: String(Date.now() % 1e9) } },
});
const options = { seconds: Number(values.seconds), seed: Number(values.seed) };
if (!(options.seconds > 0) || !Number.isInteger(options.seed)) {
  console.error('--seconds is a number over 0, --seed a whole number');
  process.exit(2);
}
console.log(`seed ${options.seed}, ${options.seconds} s`);

const server = await ServerProcess.start({
  config: {
    websocket: { rate_limit: { rate: UNLIMITED, burst: UNLIMITED, handshakes_per_minute: UNLIMITED } },
    logging: { level: 'error' },
  },
});
process.once('exit', () => server.signal('SIGKILL'));
let nextLineMs = performance.now() + PROGRESS_EVERY_MS;
try {
  const result = await fuzz(server, options, (sent) => {
    if (performance.now() < nextLineMs) return;
    nextLineMs += PROGRESS_EVERY_MS;
    console.log(`${sent} messages`);
  });
  const { code } = await server.stop();
  if (code !== 0) throw new Error(`the server ended with ${code}`);
  console.log(
    `${result.sent} broken messages on ${result.connections} connections; others were answered within ${result.slowestCanaryMs.toFixed(0)} ms`,
  );
} catch (error) {
  console.error(`${(error as Error).message}\n\nThe server printed last:\n${server.output.slice(-4_000)}`);
  process.exitCode = 1;
} finally {
  if (server.isRunning) await server.kill();
  server.discard();
}
