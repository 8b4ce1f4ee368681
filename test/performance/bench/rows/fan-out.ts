// Deliveries of an event to many subscribers per second of the server's CPU. Ours publishes durably: the event is on disk first.
import { median, notMeasured, rowOf, type Row, type RowMaker } from '../bench-row.js';
import { Load } from '../load/load-client.js';
import type { FanOutJob } from '../load/load-jobs.js';
import { costOfRun, inTurn, ratios, using } from '../rounds.js';
import { ADMIN_KEY, MeasuredProcess, type Measured } from '../servers/measured-process.js';
import { NatsServer } from '../servers/nats-server.js';

const SUBSCRIBERS = 1_000;
const BURST = 16;

export const fanOut: RowMaker = async ({ rounds, seconds, warmUpSeconds }) =>
  using(async (own) => {
    const hasNats = NatsServer.isInstalled;
    const [ours, bare, socketIo, nats] = await Promise.all([
      own(MeasuredProcess.ours()),
      own(MeasuredProcess.peer('bare-fan-out.js')),
      own(MeasuredProcess.peer('socket-io.js', '/socket.io/?EIO=4&transport=websocket')),
      hasNats ? own<Measured>(NatsServer.start()) : undefined,
    ]);

    const subscribed = async (
      server: Measured,
      job: Pick<FanOutJob, 'dialect'> & Partial<FanOutJob>,
    ): Promise<(burst: number) => Promise<number>> => {
      const load = await own(Load.open({ kind: 'fan-out', url: server.url, subscribers: SUBSCRIBERS, encoding: 'json', ...job }));
      return async (burst) => 1e6 / (await costOfRun(server, load, seconds, burst));
    };
    const [toBare, toJson, toSocketIo, toNats] = await Promise.all([
      subscribed(bare, { dialect: 'bare' }),
      subscribed(ours, { dialect: 'mcpw', key: ADMIN_KEY }),
      subscribed(socketIo, { dialect: 'socket.io' }),
      nats === undefined ? nobody : subscribed(nats, { dialect: 'nats' }),
    ]);
    const toBinary = await subscribed(ours, { dialect: 'mcpw', key: ADMIN_KEY, encoding: 'binary' });

    const rowsOf = async (burst: number, title: string, atLeast: number): Promise<Row[]> => {
      const variants = {
        bare: async () => toBare(burst),
        json: async () => toJson(burst),
        binary: async () => toBinary(burst),
        socketIo: async () => toSocketIo(burst),
        nats: async () => toNats(burst),
      };
      // The second time most is compiled.
      const rates = await inTurn(rounds, variants, burst === 1 ? warmUpSeconds : warmUpSeconds / 2);
      type Name = keyof typeof rates;
      const row = (what: string, name: Name, to: Name, least: number): Row => {
        const detail = `${thousands(median(rates[name]))} against ${thousands(median(rates[to]))} deliveries a CPU second`;
        return rowOf(`${title}: ${what}`, ratios(rates[name], rates[to]), detail, { atLeast: least });
      };
      return [
        row('JSON, over bare ws sending one prepared frame', 'json', 'bare', atLeast),
        row('binary, over bare ws sending one prepared frame', 'binary', 'bare', atLeast),
        row('JSON, over Socket.IO', 'json', 'socketIo', 1),
        nats === undefined
          ? notMeasured(`${title}: JSON, over NATS’ WebSocket listener`, 'nats-server is not installed')
          : row('JSON, over NATS’ WebSocket listener', 'json', 'nats', 1),
      ];
    };
    const single = await rowsOf(1, `one event to ${SUBSCRIBERS} subscribers`, 0.9);
    return [...single, ...(await rowsOf(BURST, `bursts of ${BURST} events to ${SUBSCRIBERS} subscribers`, 7))];
  });

/** In the place of a peer that is not installed. */
async function nobody(): Promise<number> {
  return new Promise((resolve) => void setTimeout(resolve, 100, NaN));
}

function thousands(perSecond: number): string {
  return `${(perSecond / 1000).toFixed(1)} k`;
}
