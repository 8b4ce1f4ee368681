// Heap bytes that a request allocates. V8 itself says before and after each collection how much is in use (`--trace-gc`): what
// is there before one and was not there after the last was allocated in between. Exact to 0.1 MB in many; no sampling.
import { median, rowOf, type RowMaker } from '../bench-row.js';
import { Load } from '../load/load-client.js';
import type { RequestJob } from '../load/load-jobs.js';
import { checked, inTurn, ratios, using } from '../rounds.js';
import { AllocationTrace } from '../servers/allocation-trace.js';
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

export const allocation: RowMaker = async ({ rounds, seconds, warmUpSeconds }) =>
  using(async (own) => {
    const traces = { ours: new AllocationTrace(), bare: new AllocationTrace() };
    const traced = (trace: AllocationTrace): object => ({ nodeArgs: ['--trace-gc'], onOutput: (text: string) => trace.read(text) });
    const [ours, bare] = await Promise.all([
      own(MeasuredProcess.ours(traced(traces.ours))),
      own(MeasuredProcess.peer('bare-ws.js', '/', traced(traces.bare))),
    ]);
    const [plain, binary] = await Promise.all([
      own(Load.open({ ...JOB, url: bare.url })),
      own(Load.open({ ...JOB, url: ours.url, key: ADMIN_KEY, initialize: true, encoding: 'binary' })),
    ]);
    const variants = {
      bare: async () => of(bare, plain, traces.bare, seconds),
      binary: async () => of(ours, binary, traces.ours, seconds),
    };
    const bytes = await inTurn(rounds, variants, warmUpSeconds);
    const detail = `${median(bytes.binary).toFixed(0)} against ${median(bytes.bare).toFixed(0)} bytes`;
    return [
      rowOf('heap bytes allocated by a binary request, over bare ws JSON echo', ratios(bytes.binary, bytes.bare), detail, { atMost: 0.6 }),
    ];
  });

/** Both ends are a collection, so that nothing is counted that was allocated before, and all that was since. */
async function of(server: MeasuredProcess, load: Load, trace: AllocationTrace, seconds: number): Promise<number> {
  await server.usage(true);
  const before = await trace.settled();
  const { done } = checked(await load.run(seconds));
  await server.usage(true);
  return ((await trace.settled()) - before) / done;
}
