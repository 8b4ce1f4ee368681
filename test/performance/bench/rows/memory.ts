// Memory of an idle connection: initialized and authenticated at ours, merely open at bare `ws`. After garbage collection.
import { median, rowOf, type RowMaker } from '../bench-row.js';
import { Load } from '../load/load-client.js';
import { ratios, using } from '../rounds.js';
import { ADMIN_KEY, MeasuredProcess } from '../servers/measured-process.js';

const RSS_SETTLED_MS = 500;

export const memory: RowMaker = async ({ rounds, isShort }) => {
  const connections = isShort ? 1_000 : 5_000;
  const heap: Record<string, number[]> = { ours: [], bare: [] };
  const of = async (name: 'ours' | 'bare'): Promise<number> =>
    using(async (own) => {
      const server = await own(name === 'ours' ? MeasuredProcess.ours() : MeasuredProcess.peer('bare-ws.js'));
      const job = { kind: 'idle' as const, url: server.url, ...(name === 'ours' ? { key: ADMIN_KEY } : {}), initialize: name === 'ours' };
      // The first connections bring what all share: compiled code, pools.
      await (await Load.open({ ...job, connections: 500 })).close();
      await settled();
      const before = await server.usage(true);
      await own(Load.open({ ...job, connections }));
      await settled();
      const after = await server.usage(true);
      heap[name]?.push((after.heapUsedBytes + after.externalBytes - before.heapUsedBytes - before.externalBytes) / connections);
      return (after.rssBytes - before.rssBytes) / connections;
    });
  // A process each, since what one connection freed would serve the next; both at once, since what is measured is no time.
  const rss = { ours: [] as number[], bare: [] as number[] };
  for (let round = 0; round < (isShort ? 1 : Math.min(rounds, 3)); round++) {
    const [ours, bare] = await Promise.all([of('ours'), of('bare')]);
    rss.ours.push(ours);
    rss.bare.push(bare);
  }
  const detail = (ours: readonly number[], bare: readonly number[]): string =>
    `${kb(ours)} against ${kb(bare)} KB, ${connections} connections`;
  const heapOf = (name: string): number[] => heap[name] as number[];
  return [
    rowOf('memory of an idle connection (RSS), over bare ws', ratios(rss.ours, rss.bare), detail(rss.ours, rss.bare), { atMost: 1.5 }),
    rowOf(
      'memory of an idle connection (heap and buffers), over bare ws',
      ratios(heapOf('ours'), heapOf('bare')),
      detail(heapOf('ours'), heapOf('bare')),
      { atMost: 1.5 },
    ),
  ];
};

function kb(bytes: readonly number[]): string {
  return (median(bytes) / 1000).toFixed(1);
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, RSS_SETTLED_MS));
}
