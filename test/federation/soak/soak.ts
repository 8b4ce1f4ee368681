// Upstreams killed at random while callers use them: every call is answered or failed by name, the upstreams come back, no process is
// left over, and memory does not grow.
import { readdirSync, readFileSync } from 'node:fs';

import { eventually } from '../../support/deadline.js';
import { ServerProcess } from '../../support/server-process.js';
import { TestClient } from '../../support/test-client.js';
import { demoCommand, DemoServer, isAlive } from '../support/demo.js';

export interface SoakOptions {
  readonly seconds: number;
  /** Goes on beyond its seconds until there were so many: on a slow machine an upstream takes long to be there again. Default: none. */
  readonly atLeastKills?: number;
  readonly callers: number;
  readonly seed: number;
  readonly onProgress?: (line: string) => void;
}

export interface SoakReport {
  readonly calls: number;
  readonly kills: number;
  /** Calls by what became of them: `completed`, `failed`, or an error's code. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Answers that are none of those, and calls without one. */
  readonly unexpected: readonly string[];
  /** Upstreams that answered again once the killing was over. */
  readonly recovered: readonly string[];
  /** Processes that outlived the server. */
  readonly left: readonly number[];
  /** The least heap in use in the first and in the last third, MB. */
  readonly heapMb: readonly [first: number, last: number];
}

/** What a call of an upstream that is killed may be answered with. */
const BY_NAME: ReadonlySet<number> = new Set([4006, 4014, 4016]);
const CALLS: readonly (readonly [string, object])[] = [
  ['echo', { text: 'hello' }],
  ['add', { a: 1, b: 2 }],
  ['sleep', { ms: 30 }],
  ['count', { to: 3 }],
  ['huge', { bytes: 20_000 }],
];
const SAMPLE_MS = 500;
const KILLED_WITHIN_MS = 60_000;

type Demos = Readonly<Record<'http' | 'sessions' | 'ws', DemoServer>>;

export async function soak(options: SoakOptions): Promise<SoakReport> {
  const demos: Demos = { http: new DemoServer('http'), sessions: new DemoServer('sessions'), ws: new DemoServer('ws') };
  try {
    await Promise.all(Object.values(demos).map((demo) => demo.start()));
    return await soakOf(demos, options);
  } finally {
    await Promise.all(Object.values(demos).map((demo) => demo.kill()));
  }
}

async function soakOf(demos: Demos, { seconds, atLeastKills = 0, callers, seed, onProgress }: SoakOptions): Promise<SoakReport> {
  const random = seeded(seed);
  const names = ['stdio', ...Object.keys(demos)];
  const server = await ServerProcess.start({
    config: {
      mcpServers: { stdio: demoCommand(), ...Object.fromEntries(Object.entries(demos).map(([name, demo]) => [name, demo.entry])) },
      tools: { timeout: '5s' },
      websocket: { rate_limit: { enabled: false } },
      logging: { level: 'error' },
    },
  });
  const outcomes: Record<string, number> = {};
  const unexpected: string[] = [];
  const heap: number[] = [];
  const seen = new Set<number>();
  let kills = 0;
  let isOver = false;

  const call = async (client: TestClient, name: string): Promise<void> => {
    const [tool, args] = CALLS[Math.floor(random() * CALLS.length)] as (typeof CALLS)[number];
    try {
      const { result, error } = await client.request('tool.execute', {
        name: `${name}.${tool}`,
        arguments: args,
        stream: tool === 'count',
      });
      const outcome = error === undefined ? String(result.status) : String(error.code);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      if (error !== undefined && !BY_NAME.has(error.code)) unexpected.push(`${name}.${tool}: ${error.code} ${error.message}`);
      if (error === undefined && result.status !== 'completed') unexpected.push(`${name}.${tool}: ${JSON.stringify(result)}`);
    } catch (error) {
      unexpected.push(`${name}.${tool}: ${(error as Error).message}`);
    }
    client.messages.length = 0;
  };
  const use = async (client: TestClient): Promise<void> => {
    while (!isOver) {
      await call(client, names[Math.floor(random() * names.length)] as string);
      // Who is refused at once does not ask again at once.
      await pause(5 * random());
    }
  };
  const kill = async (): Promise<void> => {
    while (!isOver) {
      await pause(200 + 800 * random());
      const name = names[Math.floor(random() * names.length)] as string;
      kills++;
      if (name === 'stdio') for (const pid of programsOf(server.pid)) process.kill(pid, 'SIGKILL');
      else {
        const demo = demos[name as keyof Demos];
        await demo.kill();
        await pause(300 * random());
        await demo.start();
      }
    }
  };
  const enough = async (): Promise<void> => {
    await pause(seconds * 1000);
    await eventually(`${atLeastKills} kills`, () => (kills >= atLeastKills ? true : undefined), KILLED_WITHIN_MS);
  };
  const watch = async (): Promise<void> => {
    for (let n = 0; !isOver; n++) {
      await pause(SAMPLE_MS);
      for (const pid of programsOf(server.pid)) seen.add(pid);
      const { body } = await server.rest('GET', '/api/v1/websocket/stats');
      heap.push(body.memory.heap_used_bytes / 2 ** 20);
      if (n % 10 === 9)
        onProgress?.(
          `${((n + 1) * SAMPLE_MS) / 1000} s: ${JSON.stringify(outcomes)}, ${kills} kills, heap ${Math.round(heap.at(-1) ?? 0)} MB`,
        );
    }
  };

  try {
    const clients = await Promise.all(Array.from({ length: callers }, () => connected(server)));
    const working = Promise.all([...clients.map(use), kill(), watch()]);
    // What fails meanwhile ends the run at once, and with it all that was started.
    await Promise.race([enough(), working]);
    isOver = true;
    await working;
    const recovered = await Promise.all(names.map((name) => recovers(clients[0] as TestClient, name)));
    for (const pid of programsOf(server.pid)) seen.add(pid);
    await server.stop();
    await eventually('end of all programs', () => ([...seen].some(isAlive) ? undefined : true), 15_000).catch(() => undefined);
    const third = Math.max(1, Math.floor(heap.length / 3));
    return {
      calls: Object.values(outcomes).reduce((sum, count) => sum + count, 0),
      kills,
      outcomes,
      unexpected,
      recovered: recovered.filter((name) => name !== undefined),
      left: [...seen].filter(isAlive),
      heapMb: [Math.min(...heap.slice(0, third)), Math.min(...heap.slice(-third))],
    };
  } finally {
    isOver = true;
    if (server.isRunning) await server.kill();
    server.discard();
  }
}

async function connected(server: ServerProcess): Promise<TestClient> {
  const client = await TestClient.connect(server.wsUrl, { key: server.adminKey });
  await client.initialize();
  return client;
}

/** Breakers may be open, and pauses may have grown: both end within half a minute. */
async function recovers(client: TestClient, name: string): Promise<string | undefined> {
  const ask = async (): Promise<string | undefined> => {
    const { result } = await client.request('tool.execute', { name: `${name}.echo`, arguments: { text: 'a' } });
    return result?.status === 'completed' ? name : undefined;
  };
  return eventually(`answer of ${name}`, ask, 60_000, 250).catch(() => undefined);
}

/** Programs that the server started for its upstreams; not its shell that watches over them. */
function programsOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const parent = Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'utf8'))?.[1]);
        return parent === pid && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes('demo-upstream') ? [Number(name)] : [];
      } catch {
        return [];
      }
    });
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The same numbers for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
