// How long a list of a thousand tools takes, by both protocols: `tool.list` of this server's own, `tools/list` of MCP.
import type { WebSocket } from 'ws';

import { envelope } from '../../mcp/support/mcp-http.js';
import { median, rowOf, type Row, type RowOptions } from '../bench/bench-row.js';
import { ask, initialize, open } from '../bench/load/client-socket.js';
import { inTurn, using } from '../bench/rounds.js';
import { ADMIN_KEY, MeasuredProcess } from '../bench/servers/measured-process.js';

const TOOLS = 1_000;
/** As many as one agent may offer. */
const OF_ONE_AGENT = 100;
const LISTS_OF_A_ROUND = 20;
const SCHEMA = {
  type: 'object',
  properties: { account: { type: 'string', description: 'Whose it is' }, amount: { type: 'number', minimum: 0 } },
  required: ['account'],
};

export async function toolLists({ rounds, warmUpSeconds }: RowOptions): Promise<readonly Row[]> {
  return using(async (own) => {
    const server = await own(MeasuredProcess.ours());
    const connect = async (subprotocol?: string): Promise<WebSocket> => {
      const socket = await open(server.url, { key: ADMIN_KEY, subprotocol });
      await own(Promise.resolve({ close: async () => Promise.resolve(socket.terminate()) }));
      return socket;
    };
    for (let first = 0; first < TOOLS; first += OF_ONE_AGENT) await offer(await connect(), first);
    const [agent, client] = [await connect(), await connect('mcp')];
    await initialize(agent);
    const list = { jsonrpc: '2.0', method: 'tools/list', params: { _meta: envelope() } };
    const variants = {
      own: async () => timed(agent, { type: 0, method: 'tool.list', params: { limit: TOOLS } }),
      mcp: async () => timed(client, list),
    };
    const values = await inTurn(rounds, variants, warmUpSeconds);
    return [
      rowOf(`ms of tool.list, ${TOOLS} tools on one page`, values.own, 'this server’s own protocol, JSON', {}),
      rowOf(`ms of tools/list of MCP, ${TOOLS} tools on one page`, values.mcp, '/ws, subprotocol mcp', {}),
    ];
  });
}

/** An agent that offers some of the tools as long as its connection lasts. */
async function offer(socket: WebSocket, first: number): Promise<void> {
  await initialize(socket, { capabilities: { tools: true } });
  const tools = Array.from({ length: OF_ONE_AGENT }, (_, i) => ({
    name: `tool_${first + i}`,
    description: `Does thing ${first + i} to an account, by an amount, and says what became of it`,
    inputSchema: SCHEMA,
  }));
  await ask(socket, { id: 'offer', type: 0, method: 'tool.register', params: { tools } });
}

/** @returns ms of one list, from the request to the parsed answer, the median of some. @throws Error where the list is not whole */
async function timed(socket: WebSocket, request: object): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < LISTS_OF_A_ROUND; i++) {
    const begin = performance.now();
    const { tools } = await ask<{ readonly tools: readonly unknown[] }>(socket, { ...request, id: `list ${i} ${begin}` });
    times.push(performance.now() - begin);
    if (tools.length < TOOLS) throw new Error(`${tools.length} of ${TOOLS} tools were listed`);
  }
  return median(times);
}
