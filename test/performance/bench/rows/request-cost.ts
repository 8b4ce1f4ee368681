// CPU of a request at the server, against bare `ws`, Nest's own adapter and other servers: everything on but the rate limits raised.
import { median, rowOf, type Row, type RowMaker, type Target } from '../bench-row.js';
import { Load } from '../load/load-client.js';
import type { RequestJob } from '../load/load-jobs.js';
import { costOfRun, inTurn, ratios, using } from '../rounds.js';
import { ADMIN_KEY, MeasuredProcess } from '../servers/measured-process.js';

const CONNECTIONS = 20;
const IN_FLIGHT = 16;
const BATCH = 16;
/** A trivial tool: what it is given comes back. */
const TOOL = { name: 'echo', arguments: { text: 'hello', n: 1, ok: true } };

const ECHO: Omit<RequestJob, 'url'> = {
  kind: 'requests',
  encoding: 'json',
  connections: CONNECTIONS,
  inFlight: IN_FLIGHT,
  batch: 1,
  method: 'tool.execute',
  params: TOOL,
  initialize: false,
};

const SERVERS = {
  ours: async () => MeasuredProcess.ours(),
  bare: async () => MeasuredProcess.peer('bare-ws.js'),
  nest: async () => MeasuredProcess.peer('nest-stock.js'),
  socketIo: async () => MeasuredProcess.peer('socket-io.js', '/socket.io/?EIO=4&transport=websocket'),
  rpc: async () => MeasuredProcess.peer('rpc-websockets.js'),
  sdk: async () => MeasuredProcess.peer('mcp-sdk.js'),
};
type Server = keyof typeof SERVERS;

const OURS = { key: ADMIN_KEY, initialize: true };
const JOBS = {
  bare: ['bare', ECHO],
  nest: ['nest', ECHO],
  json: ['ours', { ...ECHO, ...OURS }],
  binary: ['ours', { ...ECHO, ...OURS, encoding: 'binary' }],
  batches: ['ours', { ...ECHO, ...OURS, encoding: 'binary', batch: BATCH }],
  socketIo: ['socketIo', { ...ECHO, dialect: 'socket.io' }],
  rpc: ['rpc', { ...ECHO, dialect: 'json-rpc' }],
  sdkSocket: ['sdk', { ...ECHO, dialect: 'mcp' }],
  sdkHttp: ['sdk', { kind: 'http', connections: CONNECTIONS, params: TOOL }],
} satisfies Record<string, readonly [Server, Omit<RequestJob, 'url'> | { kind: 'http'; connections: number; params: object }]>;
type Name = keyof typeof JOBS;
/** Those that have a target. */
const AIMED: readonly Name[] = ['bare', 'nest', 'json', 'binary', 'batches'];

export const requestCost: RowMaker = async ({ rounds, seconds, warmUpSeconds, isShort }) =>
  using(async (own) => {
    const names = isShort ? AIMED : (Object.keys(JOBS) as Name[]);
    const servers = {} as Record<Server, MeasuredProcess>;
    const started = [...new Set(names.map((job) => JOBS[job][0]))];
    await Promise.all(started.map(async (name) => (servers[name] = await own(SERVERS[name]()))));
    const loadOf = async (name: Name): Promise<() => Promise<number>> => {
      const [server, job] = JOBS[name];
      const { url } = servers[server];
      const load = await own(Load.open({ ...job, url: job.kind === 'http' ? `${url.replace('ws:', 'http:')}mcp` : url }));
      return async () => costOfRun(servers[server], load, seconds);
    };
    const loads = await Promise.all(names.map(async (name) => [name, await loadOf(name)] as const));
    const variants = Object.fromEntries(loads) as Record<Name, () => Promise<number>>;
    // They share two cores, and each is to be compiled.
    const costs = await inTurn(rounds, variants, 3 * warmUpSeconds);
    const row = (what: string, name: Name, to: Name, target: Target): Row =>
      rowOf(what, ratios(costs[name], costs[to]), `${median(costs[name]).toFixed(2)} against ${median(costs[to]).toFixed(2)} µs`, target);
    const aimed = [
      row('tool.execute in JSON, CPU over bare ws JSON echo', 'json', 'bare', { atMost: 0.9 }),
      row('tool.execute in binary, CPU over bare ws JSON echo', 'binary', 'bare', { atMost: 0.6 }),
      row(`tool.execute in binary batches of ${BATCH}, CPU a request over bare ws JSON echo`, 'batches', 'bare', { atMost: 0.25 }),
      row('tool.execute in JSON, CPU over Nest’s WsAdapter with guards and interceptor', 'json', 'nest', { atMost: 0.45 }),
    ];
    if (isShort) return aimed;
    return [
      ...aimed,
      row('tool.execute in JSON, CPU over Socket.IO with acknowledgement', 'json', 'socketIo', {}),
      row('tool.execute in JSON, CPU over rpc-websockets', 'json', 'rpc', {}),
      row('tool.execute in JSON, CPU over the MCP SDK by WebSocket', 'json', 'sdkSocket', {}),
      row('tool.execute in JSON, CPU over the MCP SDK by HTTP', 'json', 'sdkHttp', {}),
    ];
  });
