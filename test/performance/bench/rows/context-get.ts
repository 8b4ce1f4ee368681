// `context.get` of 20 items: CPU at the server in binary over that in JSON. Both are read from the database each time.
import { connect } from '@mcpw/client';

import { median, rowOf, type RowMaker } from '../bench-row.js';
import { Load } from '../load/load-client.js';
import type { RequestJob } from '../load/load-jobs.js';
import { costOfRun, inTurn, ratios, using } from '../rounds.js';
import { ADMIN_KEY, MeasuredProcess } from '../servers/measured-process.js';

const ITEMS = 20;
const CONTENT = 'The agent reads a file, finds three call sites and proposes a change; the reviewer asks why this was slow before. '.repeat(
  3,
);
const ID = 'measured';

const JOB: Omit<RequestJob, 'url' | 'encoding'> = {
  kind: 'requests',
  key: ADMIN_KEY,
  connections: 20,
  inFlight: 4,
  batch: 1,
  method: 'context.get',
  params: { context_id: ID },
  initialize: true,
};

export const contextGet: RowMaker = async ({ rounds, seconds, warmUpSeconds }) =>
  using(async (own) => {
    const server = await own(MeasuredProcess.ours());
    await createContext(server.url);
    const [json, binary] = await Promise.all([
      own(Load.open({ ...JOB, url: server.url, encoding: 'json' })),
      own(Load.open({ ...JOB, url: server.url, encoding: 'binary' })),
    ]);
    const variants = {
      json: async () => costOfRun(server, json, seconds),
      binary: async () => costOfRun(server, binary, seconds),
    };
    const costs = await inTurn(rounds, variants, warmUpSeconds);
    const detail = `${median(costs.binary).toFixed(1)} against ${median(costs.json).toFixed(1)} µs`;
    return [rowOf(`context.get of ${ITEMS} items, CPU in binary over JSON`, ratios(costs.binary, costs.json), detail, { atMost: 0.3 })];
  });

async function createContext(url: string): Promise<void> {
  const client = await connect({ url, name: 'bench', key: ADMIN_KEY });
  const content = Array.from({ length: ITEMS }, (_, turn) => ({
    role: turn % 2 === 0 ? ('user' as const) : ('assistant' as const),
    content: `${turn}. ${CONTENT}`,
    metadata: { model: 'large', turn },
  }));
  await client.request('context.create', { id: ID, name: 'Review of a pull request', content });
  await client.close();
}
