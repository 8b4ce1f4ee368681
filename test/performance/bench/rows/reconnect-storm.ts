// Thousands of clients lose their connections at once; all come back, resume, and get what was published meanwhile.
import { median, rowOf, type RowMaker } from '../bench-row.js';
import { Load } from '../load/load-client.js';
import { inTurn, ratios, using } from '../rounds.js';
import { createKey } from '../servers/credentials.js';
import { MeasuredProcess } from '../servers/measured-process.js';

/** As many as a server lets in before they have shown who they are. */
const PARALLEL = 200;
const MISSED = 3;

export const reconnectStorm: RowMaker = async ({ rounds, isShort, warmUpSeconds }) =>
  using(async (own) => {
    const clients = isShort ? 500 : 5_000;
    const [ours, bare] = await Promise.all([own(MeasuredProcess.ours()), own(MeasuredProcess.peer('bare-ws.js'))]);
    await ours.usage();
    const job = { kind: 'storm' as const, clients, parallel: PARALLEL, missed: MISSED };
    const sessions = await own(Load.open({ ...job, url: ours.url, key: await createKey(ours), sessions: true }));
    const plain = await own(Load.open({ ...job, url: bare.url, sessions: false }));
    const lost: number[] = [];
    const refusals: number[] = [];
    const variants = {
      bare: async () => (await plain.run(0)).seconds,
      ours: async () => {
        const result = await sessions.run(0);
        lost.push(result.errors);
        refusals.push(result.refusals ?? 0);
        return result.seconds;
      },
    };
    const seconds = await inTurn(Math.min(rounds, 3), variants, warmUpSeconds);
    const detail = `${median(seconds.ours).toFixed(2)} against ${median(seconds.bare).toFixed(2)} s`;
    return [
      rowOf(
        `reconnect storm of ${clients} clients: clients without session or events`,
        lost,
        `${MISSED} events while they were away; ${median(refusals)} handshakes were tried again`,
        {
          atMost: 0,
        },
      ),
      rowOf(
        `reconnect storm of ${clients} clients: time until all caught up, over bare ws handshakes`,
        ratios(seconds.ours, seconds.bare),
        detail,
        { atMost: 3 },
      ),
    ];
  });
