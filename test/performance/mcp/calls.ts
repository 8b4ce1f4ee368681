// How many calls of a tool a second are answered, each way that MCP clients come, with the client beside the server on the same
// machine; and by the SDK's own handler, for comparison.
import { rowOf, type Row, type RowOptions } from '../bench/bench-row.js';
import { Load } from '../bench/load/load-client.js';
import type { JobResult } from '../bench/load/load-jobs.js';
import { checked, inTurn, using } from '../bench/rounds.js';
import { ADMIN_KEY, MeasuredProcess } from '../bench/servers/measured-process.js';
import { httpCalls, type Era } from './http-calls.js';

const CONNECTIONS = 20;
const IN_FLIGHT = 8;
const HTTP_TARGET = { atLeast: 4_000 };

export async function calls({ rounds, seconds, warmUpSeconds }: RowOptions): Promise<readonly Row[]> {
  return using(async (own) => {
    const ours = await own(MeasuredProcess.ours());
    const sdk = await own(MeasuredProcess.peer('mcp-sdk.js', '/mcp'));
    // Opened anew each time: what is idle for a while, servers close.
    const overHttp = async (server: MeasuredProcess, era: Era): Promise<number> =>
      using(async (ownNow) => {
        const client = await ownNow(
          httpCalls({ origin: `http://127.0.0.1:${server.port}`, key: ADMIN_KEY, era, connections: CONNECTIONS }),
        );
        return perSecond(await client.run(seconds));
      });
    const socket = await own(
      Load.open({
        kind: 'requests',
        url: ours.url,
        key: ADMIN_KEY,
        encoding: 'json',
        connections: CONNECTIONS,
        inFlight: IN_FLIGHT,
        batch: 1,
        method: 'tools/call',
        params: { name: 'echo', arguments: { text: 'hello, this is a test', n: 42, ok: true } },
        dialect: 'mcp',
        initialize: false,
      }),
    );
    const variants = {
      modern: async () => overHttp(ours, 'modern'),
      legacy: async () => overHttp(ours, 'legacy'),
      socket: async () => perSecond(await socket.run(seconds)),
      handler: async () => overHttp(sdk, 'modern'),
    };
    const values = await inTurn(rounds, variants, warmUpSeconds);
    const ofHttp = `${CONNECTIONS} connections kept alive, one call at a time on each`;
    return [
      rowOf('calls a second on /mcp, 2026-07-28', values.modern, ofHttp, HTTP_TARGET),
      rowOf('calls a second on /mcp, 2025-11-25 in a session', values.legacy, ofHttp, HTTP_TARGET),
      rowOf('calls a second by the SDK’s own handler, 2026-07-28', values.handler, `${ofHttp}; no credentials, no limits, no audit`, {}),
      rowOf(
        'calls a second on /ws, subprotocol mcp',
        values.socket,
        `${CONNECTIONS} connections, ${IN_FLIGHT} calls under way on each`,
        {},
      ),
    ];
  });
}

function perSecond(result: JobResult): number {
  const { done, seconds } = checked(result);
  return done / seconds;
}
