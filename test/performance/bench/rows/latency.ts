// The slowest percent of the answers at half of our highest throughput, and of bare `ws` at the same rate.
import { median, rowOf, type RowMaker } from '../bench-row.js';
import { Load } from '../load/load-client.js';
import type { RequestJob } from '../load/load-jobs.js';
import { checked, inTurn, ratios, using } from '../rounds.js';
import { ADMIN_KEY, MeasuredProcess } from '../servers/measured-process.js';

const JOB: Omit<RequestJob, 'url'> = {
  kind: 'requests',
  encoding: 'json',
  connections: 20,
  inFlight: 16,
  batch: 1,
  method: 'tool.execute',
  params: { name: 'echo', arguments: { text: 'hello', n: 1, ok: true } },
  initialize: false,
};

export const latency: RowMaker = async ({ rounds, seconds, warmUpSeconds }) =>
  using(async (own) => {
    const [ours, bare] = await Promise.all([own(MeasuredProcess.ours()), own(MeasuredProcess.peer('bare-ws.js'))]);
    await ours.usage();
    await bare.usage();
    const ourJob: RequestJob = { ...JOB, url: ours.url, key: ADMIN_KEY, initialize: true };
    const bareJob: RequestJob = { ...JOB, url: bare.url };
    const throughput = async (job: RequestJob): Promise<() => Promise<number>> => {
      const full = await own(Load.open({ ...job, inFlight: 1 }));
      return async () => {
        const result = checked(await full.run(seconds));
        return result.done / result.seconds;
      };
    };
    const [bareThroughput, ourThroughput] = await Promise.all([throughput(bareJob), throughput(ourJob)]);
    const highest = await inTurn(3, { bare: bareThroughput, ours: ourThroughput }, warmUpSeconds);
    // Both are to have room: half of what the slower of the two can.
    const rate = Math.round(Math.min(median(highest.bare), median(highest.ours)) / 2);
    const p99 = async (job: RequestJob): Promise<() => Promise<number>> => {
      const paced = await own(Load.open({ ...job, rate }));
      return async () => checked(await paced.run(seconds)).p99Ms;
    };
    const [bareP99, jsonP99, binaryP99] = await Promise.all([p99(bareJob), p99(ourJob), p99({ ...ourJob, encoding: 'binary' })]);
    const ms = await inTurn(rounds, { bare: bareP99, json: jsonP99, binary: binaryP99 }, warmUpSeconds / 2);
    const detail = (name: 'json' | 'binary'): string =>
      `${median(ms[name]).toFixed(2)} against ${median(ms.bare).toFixed(2)} ms at ${rate} a second`;
    return [
      rowOf(
        'p99 latency at half of the highest throughput, JSON, over bare ws at the same rate',
        ratios(ms.json, ms.bare),
        detail('json'),
        { atMost: 1.5 },
      ),
      rowOf(
        'p99 latency at half of the highest throughput, binary, over bare ws JSON at the same rate',
        ratios(ms.binary, ms.bare),
        detail('binary'),
        { atMost: 1.5 },
      ),
    ];
  });
