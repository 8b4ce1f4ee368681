// A server under measurement: started as its users start it, asked about itself by the probe.
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { freePort } from '../../support/free-port.js';

const ROOT = resolve(import.meta.dirname, '../../..');
const PROBE = join(import.meta.dirname, 'probe.js');
const STARTED_WITHIN_MS = 30_000;

export const ADMIN_KEY = 'bench-admin-key-0123456789abcdef0123456789abcdef';
export const JWT_SECRET = 'bench-jwt-secret-0123456789abcdef0123456789abcdef';

export interface Usage {
  /** CPU time of the whole process, threads included, since its start, user and system, µs. */
  readonly cpuUs: number;
  readonly rssBytes: number;
  readonly heapUsedBytes: number;
  readonly externalBytes: number;
  /** Longest pause of the event loop since the last question, ms. */
  readonly longestStallMs: number;
}

export class MeasuredProcess {
  private nextId = 0;
  private readonly waiting = new Map<number, (usage: Usage) => void>();
  private readonly ended: Promise<void>;

  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
    /** WebSocket URL that its clients connect to. */
    readonly url: string,
    private readonly dataDir: string | undefined,
  ) {
    child.on('message', ({ id, usage }: { id: number; usage: Usage }) => {
      this.waiting.get(id)?.(usage);
      this.waiting.delete(id);
    });
    this.ended = new Promise((resolve) => void child.once('exit', () => resolve()));
  }

  /** The built server with its default settings, but for the rate limits and the number of connections. */
  static async ours(env: Readonly<Record<string, string>> = {}): Promise<MeasuredProcess> {
    const dataDir = mkdtempSync(join(tmpdir(), 'mcpw-bench-'));
    return MeasuredProcess.start(join(ROOT, 'dist/main.js'), '/ws', dataDir, {
      MCPW_DATA_DIR: dataDir,
      MCPW_ADMIN_KEY: ADMIN_KEY,
      MCPW_AUTH_JWT_SECRET: JWT_SECRET,
      MCPW_WEBSOCKET_RATE_LIMIT_RATE: '10000000',
      MCPW_WEBSOCKET_RATE_LIMIT_BURST: '10000000',
      MCPW_WEBSOCKET_RATE_LIMIT_HANDSHAKES_PER_MINUTE: '10000000',
      WEBSOCKET_MAX_CONNECTIONS: '20000',
      ...env,
    });
  }

  /** A file of `peers/`, which listens on `PORT`. */
  static async peer(name: string, path = '/'): Promise<MeasuredProcess> {
    return MeasuredProcess.start(join(import.meta.dirname, 'peers', name), path, undefined, {});
  }

  private static async start(file: string, path: string, dataDir: string | undefined, env: Record<string, string>): Promise<MeasuredProcess> {
    const port = await freePort();
    const child = fork(file, {
      execArgv: ['--expose-gc', '--import', PROBE],
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NODE_ENV: 'production', PORT: String(port), ...env },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const measured = new MeasuredProcess(child, port, `ws://127.0.0.1:${port}${path}`, dataDir);
    await reachable(port);
    return measured;
  }

  async usage(collectGarbage = false): Promise<Usage> {
    const id = this.nextId++;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      this.child.send({ ask: collectGarbage ? 'gc' : 'usage', id });
    });
  }

  async stop(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
    if (this.dataDir !== undefined) rmSync(this.dataDir, { recursive: true, force: true });
  }
}

async function reachable(port: number): Promise<void> {
  const deadline = Date.now() + STARTED_WITHIN_MS;
  while (Date.now() < deadline) {
    const connected = await new Promise<boolean>((resolve) => {
      const socket = createConnection(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false));
      setTimeout(() => socket.destroy(), 50);
    });
    if (connected) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing listens on port ${port}`);
}
