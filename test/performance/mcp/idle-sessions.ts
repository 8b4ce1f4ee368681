// What an MCP session costs the server while nothing happens: of `/mcp`, which is no connection, and of `/ws`, which is one.
// After garbage collection, in a process each.
import { Pool } from 'undici';
import type { WebSocket } from 'ws';

import { LEGACY } from '../../mcp/support/mcp-http.js';
import { rowOf, type Row, type RowOptions } from '../bench/bench-row.js';
import { ask, inLanes, open } from '../bench/load/client-socket.js';
import { inTurn, using } from '../bench/rounds.js';
import { ADMIN_KEY, MeasuredProcess } from '../bench/servers/measured-process.js';

const SESSIONS = { long: 5_000, short: 500 };
/** The first ones bring what all share: compiled code, tables. */
const WARM_UP = 300;
const SETTLED_MS = 500;
const HELLO = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: LEGACY, capabilities: { elicitation: {}, sampling: {} }, clientInfo: { name: 'bench', version: '1' } },
};

/** Opens so many. @returns what ends them */
type Opener = (server: MeasuredProcess, count: number) => Promise<() => Promise<unknown>>;

export async function idleSessions({ rounds, isShort }: RowOptions): Promise<readonly Row[]> {
  const count = isShort ? SESSIONS.short : SESSIONS.long;
  const rss: Record<string, number[]> = { http: [], socket: [] };
  const heap = await inTurn(
    Math.min(rounds, 3),
    {
      http: async () => measured(count, overHttp, (bytes) => rss['http']?.push(bytes)),
      socket: async () => measured(count, overSocket, (bytes) => rss['socket']?.push(bytes)),
    },
    0,
  );
  const detail = (name: string): string => `${count} sessions; RSS ${rss[name]?.map((kb) => kb.toFixed(1)).join(', ')} KB each`;
  return [
    rowOf('KB of heap and buffers of an idle session of /mcp', heap.http, detail('http'), {}),
    rowOf('KB of heap and buffers of an idle MCP connection of /ws', heap.socket, detail('socket'), {}),
  ];
}

/** @returns KB of heap and buffers of each */
async function measured(count: number, openSessions: Opener, onRss: (kb: number) => void): Promise<number> {
  return using(async (own) => {
    const env = { MCPW_MCP_MAX_SESSIONS: '100000', MCPW_MCP_MAX_SESSIONS_PER_USER: '100000' };
    const server = await own(MeasuredProcess.ours({ env }));
    await (
      await openSessions(server, WARM_UP)
    )();
    const before = await settled(server);
    const close = await openSessions(server, count);
    const after = await settled(server);
    await close();
    onRss((after.rssBytes - before.rssBytes) / count / 1_000);
    return (after.heapUsedBytes + after.externalBytes - before.heapUsedBytes - before.externalBytes) / count / 1_000;
  });
}

const overHttp: Opener = async ({ port }, count) => {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 20, pipelining: 1 });
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    authorization: `Bearer ${ADMIN_KEY}`,
  };
  const ids: string[] = [];
  await inLanes(count, 20, async () => {
    const response = await pool.request({ path: '/mcp', method: 'POST', headers, body: JSON.stringify(HELLO) });
    await response.body.text();
    const id = response.headers['mcp-session-id'];
    if (typeof id !== 'string') throw new Error(`no session: ${response.statusCode}`);
    ids.push(id);
  });
  return async () => {
    await inLanes(count, 20, async (index) => {
      const own = { ...headers, 'mcp-session-id': ids[index] as string };
      await (await pool.request({ path: '/mcp', method: 'DELETE', headers: own })).body.dump();
    });
    await pool.close();
  };
};

const overSocket: Opener = async ({ url }, count) => {
  const sockets: WebSocket[] = [];
  await inLanes(count, 20, async () => {
    const socket = await open(url, { key: ADMIN_KEY, subprotocol: 'mcp' });
    sockets.push(socket);
    await ask(socket, HELLO);
  });
  return async () => Promise.resolve(sockets.forEach((socket) => socket.terminate()));
};

async function settled(server: MeasuredProcess): ReturnType<MeasuredProcess['usage']> {
  await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
  return server.usage(true);
}
