// A server under measurement: started as its users start it, asked about itself by the probe.
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';

import { freePort } from '../../../support/free-port.js';
import { NODE, type Launcher } from './slow-flush.js';
import { noteStall, type Stall } from './stalls.js';

const ROOT = resolve(import.meta.dirname, '../../../..');
const PROBE = join(import.meta.dirname, 'probe.js');
const STARTED_WITHIN_MS = 30_000;
const STOPPED_WITHIN_MS = 5_000;

export const ADMIN_KEY = 'bench-admin-key-0123456789abcdef0123456789abcdef';
export const JWT_SECRET = 'bench-jwt-secret-0123456789abcdef0123456789abcdef';

export interface Usage {
  /** CPU time of the whole process, threads included, since its start, user and system, µs. */
  readonly cpuUs: number;
  readonly rssBytes: number;
  readonly heapUsedBytes: number;
  readonly externalBytes: number;
  /** Longest pause of the event loop since the last question. */
  readonly longest: Stall;
}

/** What a cost is measured of. */
export interface Measured {
  /** WebSocket URL that its clients connect to. */
  readonly url: string;
  usage(): Promise<Pick<Usage, 'cpuUs'>>;
  stop(): Promise<void>;
}

export interface StartOptions {
  /** Variables beside the ones that every measured server gets. */
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeArgs?: readonly string[];
  /** Default: Node as it is. */
  readonly launcher?: Launcher;
  /** Kept when the server has stopped; default: a folder of its own that goes with it. */
  readonly dataDir?: string;
  /** Told what the process prints. */
  readonly onOutput?: (text: string) => void;
}

let profileFolder: string | undefined;

/** From now on our server writes a CPU profile of itself into the folder when it stops. It costs: the figures are not to be kept. */
export function profileInto(folder: string): void {
  profileFolder = resolve(folder);
}

export class MeasuredProcess implements Measured {
  private nextId = 0;
  private isWarm = false;
  private readonly waiting = new Map<number, (usage: Usage) => void>();
  private readonly ended: Promise<void>;

  private constructor(
    private readonly name: string,
    private readonly child: ChildProcess,
    readonly port: number,
    readonly url: string,
    private readonly ownDir: string | undefined,
  ) {
    child.on('message', ({ id, usage }: { id: number; usage: Usage }) => {
      this.waiting.get(id)?.(usage);
      this.waiting.delete(id);
    });
    this.ended = new Promise((resolve) => void child.once('exit', () => resolve()));
  }

  /** The built server with its default settings, but for the rate limits and the number of connections. */
  static async ours(options: StartOptions = {}): Promise<MeasuredProcess> {
    const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'mcpw-bench-'));
    const env = {
      MCPW_DATA_DIR: dataDir,
      MCPW_ADMIN_KEY: ADMIN_KEY,
      MCPW_AUTH_JWT_SECRET: JWT_SECRET,
      MCPW_WEBSOCKET_RATE_LIMIT_RATE: '10000000',
      MCPW_WEBSOCKET_RATE_LIMIT_BURST: '10000000',
      MCPW_WEBSOCKET_RATE_LIMIT_HANDSHAKES_PER_MINUTE: '10000000',
      WEBSOCKET_MAX_CONNECTIONS: '20000',
      ...options.env,
    };
    const ownDir = options.dataDir === undefined ? dataDir : undefined;
    const profile = profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
    const nodeArgs = [...profile, ...(options.nodeArgs ?? [])];
    return MeasuredProcess.start('ours', join(ROOT, 'dist/main.js'), '/ws', ownDir, { ...options, env, nodeArgs });
  }

  /** A file of `peers/`, which listens on `PORT`. */
  static async peer(name: string, path = '/', options: StartOptions = {}): Promise<MeasuredProcess> {
    return MeasuredProcess.start(basename(name, '.js'), join(import.meta.dirname, 'peers', name), path, undefined, options);
  }

  private static async start(
    name: string,
    file: string,
    path: string,
    ownDir: string | undefined,
    { env, nodeArgs = [], launcher = NODE, onOutput }: StartOptions,
  ): Promise<MeasuredProcess> {
    const port = await freePort();
    const child = fork(file, {
      execPath: launcher.command,
      execArgv: [...launcher.args, '--expose-gc', '--import', PROBE, ...nodeArgs],
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        NODE_ENV: 'production',
        PORT: String(port),
        // Optional packages of `ws` that a peer brought into this repository, and an installation of `ws` alone has not.
        WS_NO_BUFFER_UTIL: '1',
        WS_NO_UTF_8_VALIDATE: '1',
        ...env,
      },
      stdio: ['ignore', onOutput === undefined ? 'ignore' : 'pipe', 'inherit', 'ipc'],
    });
    if (onOutput !== undefined) child.stdout?.on('data', (chunk: Buffer) => onOutput(chunk.toString()));
    const measured = new MeasuredProcess(name, child, port, `ws://127.0.0.1:${port}${path}`, ownDir);
    await reachable(port);
    return measured;
  }

  async usage(collectGarbage = false): Promise<Usage> {
    const id = this.nextId++;
    const usage = await new Promise<Usage>((resolve) => {
      this.waiting.set(id, resolve);
      this.child.send({ ask: collectGarbage ? 'gc' : 'usage', id });
    });
    // What came before the first question was the start.
    if (this.isWarm) noteStall(this.name, usage.longest);
    this.isWarm = true;
    return usage;
  }

  async stop(): Promise<void> {
    if (this.isWarm && this.child.connected) await this.usage();
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), STOPPED_WITHIN_MS);
    await this.ended;
    clearTimeout(timer);
    if (this.ownDir !== undefined) rmSync(this.ownDir, { recursive: true, force: true });
  }
}

/** Resolves when something listens. */
export async function reachable(port: number): Promise<void> {
  const deadline = Date.now() + STARTED_WITHIN_MS;
  while (Date.now() < deadline) {
    const connected = await new Promise<boolean>((resolve) => {
      const socket = createConnection(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      }).once('error', () => resolve(false));
    });
    if (connected) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing listens on port ${port}`);
}
