// `npm run bench:upstreams`: prints what federation adds to a call.
import { addedLatency } from './added-latency.js';

const OPTIONS = { rounds: 10, callsPerRound: 300 };

const cell = (ms: number): string => `${ms.toFixed(3)} ms`.padStart(10);

process.stdout.write(`upstream  direct p50  direct p99  through p50  through p99   added p50\n`);
for (const kind of ['stdio', 'http'] as const) {
  const { direct, through, added } = await addedLatency(kind, OPTIONS);
  process.stdout.write(
    `${kind.padEnd(8)}  ${cell(direct.p50)}  ${cell(direct.p99)}   ${cell(through.p50)}   ${cell(through.p99)}  ${cell(added)}\n`,
  );
}
