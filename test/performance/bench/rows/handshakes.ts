// Handshakes per second of the server's CPU, with an API key and with a JWT. By CPU, since a client's handshake costs more than
// a server's: by the clock, the load's process would be what is measured.
import { median, rowOf, type Row, type RowMaker, type Target } from '../bench-row.js';
import { Load } from '../load/load-client.js';
import { costOfRun, inTurn, ratios, using } from '../rounds.js';
import { createKey, signToken } from '../servers/credentials.js';
import { MeasuredProcess } from '../servers/measured-process.js';

const PARALLEL = 20;

export const handshakes: RowMaker = async ({ rounds, seconds, warmUpSeconds }) =>
  using(async (own) => {
    const [ours, bare] = await Promise.all([own(MeasuredProcess.ours()), own(MeasuredProcess.peer('bare-ws.js'))]);
    const job = { kind: 'handshakes' as const, parallel: PARALLEL };
    const credentials = { key: await createKey(ours), jwt: await signToken() };
    const [key, jwt, plain] = await Promise.all([
      own(Load.open({ ...job, url: ours.url, key: credentials.key })),
      own(Load.open({ ...job, url: ours.url, key: credentials.jwt })),
      own(Load.open({ ...job, url: bare.url })),
    ]);
    const variants = {
      bare: async () => 1e6 / (await costOfRun(bare, plain, seconds)),
      key: async () => 1e6 / (await costOfRun(ours, key, seconds)),
      jwt: async () => 1e6 / (await costOfRun(ours, jwt, seconds)),
    };
    const rates = await inTurn(rounds, variants, warmUpSeconds);
    const row = (what: string, name: 'key' | 'jwt', target: Target): Row =>
      rowOf(
        what,
        ratios(rates[name], rates.bare),
        `${median(rates[name]).toFixed(0)} against ${median(rates.bare).toFixed(0)} a CPU second`,
        target,
      );
    return [
      row('handshakes with an API key a CPU second, over bare ws', 'key', { atLeast: 0.5 }),
      row('handshakes with a JWT a CPU second, over bare ws', 'jwt', { atLeast: 0.3 }),
    ];
  });
