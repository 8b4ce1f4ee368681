// `npm run soak:upstreams [-- --seconds 300 --callers 20 --seed 1]`: ends with 1 when something was not as it must be.
import { parseArgs } from 'node:util';

import { soak } from './soak.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '300' },
    callers: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
  },
});
const report = await soak({
  seconds: Number(values.seconds),
  callers: Number(values.callers),
  seed: Number(values.seed),
  onProgress: (line) => void process.stdout.write(`${line}\n`),
});
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
const isGood =
  report.unexpected.length === 0 &&
  report.left.length === 0 &&
  report.recovered.length === 4 &&
  report.heapMb[1] < report.heapMb[0] * 1.5 + 10;
process.exit(isGood ? 0 : 1);
