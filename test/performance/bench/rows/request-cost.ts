// CPU of a request at the server, against bare `ws` and against Nest's own adapter: everything on but the rate limits raised.
import { median, rowOf, type RowMaker } from '../bench-row.js';
import { load } from '../load-client.js';
import type { RequestJob } from '../load-jobs.js';
import { ADMIN_KEY, MeasuredProcess } from '../measured-process.js';

const CONNECTIONS = 20;
const IN_FLIGHT = 16;
const BATCH = 16;
/** A trivial tool: what it is given comes back. */
const PARAMS = { name: 'echo', arguments: { text: 'hello', n: 1, ok: true } };

interface Variant {
  readonly server: 'ours' | 'bare' | 'nest';
  readonly encoding: 'json' | 'binary';
  readonly batch: number;
}

const VARIANTS = {
  bare: { server: 'bare', encoding: 'json', batch: 1 },
  nest: { server: 'nest', encoding: 'json', batch: 1 },
  json: { server: 'ours', encoding: 'json', batch: 1 },
  binary: { server: 'ours', encoding: 'binary', batch: 1 },
  batches: { server: 'ours', encoding: 'binary', batch: BATCH },
} satisfies Record<string, Variant>;
type Name = keyof typeof VARIANTS;

export const requestCost: RowMaker = async ({ rounds, seconds }) => {
  const servers = {
    ours: await MeasuredProcess.ours(),
    bare: await MeasuredProcess.peer('bare-ws.js'),
    nest: await MeasuredProcess.peer('nest-stock.js'),
  };
  const costs: Record<Name, number[]> = { bare: [], nest: [], json: [], binary: [], batches: [] };
  try {
    for (let round = -1; round < rounds; round++) {
      for (const name of Object.keys(VARIANTS) as Name[]) {
        const cost = await costOf(servers[VARIANTS[name].server], VARIANTS[name], seconds);
        if (round >= 0) costs[name].push(cost); // the round before the first warms up
      }
    }
  } finally {
    await Promise.all(Object.values(servers).map(async (server) => server.stop()));
  }
  const ratio = (name: Name, to: Name): number[] => costs[name].map((cost, i) => cost / (costs[to][i] as number));
  const detail = (name: Name, to: Name): string => `${median(costs[name]).toFixed(2)} against ${median(costs[to]).toFixed(2)} µs a request`;
  return [
    rowOf('tool.execute in JSON, CPU over bare ws JSON echo', ratio('json', 'bare'), detail('json', 'bare'), { atMost: 0.9 }),
    rowOf('tool.execute in binary, CPU over bare ws JSON echo', ratio('binary', 'bare'), detail('binary', 'bare'), { atMost: 0.6 }),
    rowOf(`tool.execute in binary batches of ${BATCH}, CPU a request over bare ws JSON echo`, ratio('batches', 'bare'), detail('batches', 'bare'), { atMost: 0.25 }),
    rowOf('tool.execute in JSON, CPU over Nest’s WsAdapter with guards and interceptor', ratio('json', 'nest'), detail('json', 'nest'), { atMost: 0.45 }),
  ];
};

/** µs of CPU at the server for each request. */
async function costOf(server: MeasuredProcess, { server: kind, encoding, batch }: Variant, seconds: number): Promise<number> {
  const isOurs = kind === 'ours';
  const job: RequestJob = {
    kind: 'requests',
    url: server.url,
    ...(isOurs ? { key: ADMIN_KEY } : {}),
    encoding,
    connections: CONNECTIONS,
    inFlight: IN_FLIGHT,
    batch,
    method: 'tool.execute',
    params: PARAMS,
    seconds,
    initialize: isOurs,
  };
  const before = await server.usage();
  const { done, errors } = await load(job);
  const after = await server.usage();
  if (errors > 0) throw new Error(`${errors} of ${done} requests failed`);
  return (after.cpuUs - before.cpuUs) / done;
}
