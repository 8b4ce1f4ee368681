// The built server as a child process with a data folder of its own. Knows nothing of vitest: the load generator uses it too.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { stringify } from 'yaml';

import { eventually, within } from './deadline.js';
import { freePort } from './free-port.js';
import { noteStarted, noteStopped } from './leftovers.js';
import { plantNamed, plantToken } from './planted-secrets.js';
import { auditOf, beginSearch } from './searched-servers.js';

const ROOT = resolve(import.meta.dirname, '../..');
const READY_WITHIN_MS = 50_000;
/** The server lets requests in flight finish for 30 s at most. */
const STOPPED_WITHIN_MS = 40_000;

const INHERITED = ['PATH', 'HOME', 'NODE_COMPILE_CACHE'] as const;

export interface ServerOptions {
  /** Variables of the server's environment; nothing of the test's own is inherited but `INHERITED`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Settings as of the YAML file, e.g. `{ websocket: { max_connections: 2 } }`. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** The admin key; `null` lets the server make one. */
  readonly adminKey?: string | null;
  /** Kept when given, else a temporary folder that goes with the server. */
  readonly dataDir?: string;
  /** False: resolve once the process is started, ready or not (for starts that are to fail). */
  readonly ready?: boolean;
  /** Entry point, for servers with modules of a test's own. Default `dist/main.js`. */
  readonly main?: string;
  readonly nodeArgs?: readonly string[];
  /** Where the process is started. Default: its data folder. */
  readonly cwd?: string;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RestAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed where it is JSON, else the text. */
  readonly body: any; // eslint-disable-line @typescript-eslint/no-explicit-any -- each test knows the shape it asked for
}

const TEST_ADMIN_KEY = 'test-admin-key-0123456789abcdef0123456789abcdef';
/** What a first start shows once, where no admin key is configured: the one secret that is to be printed. */
const GREETING = /The admin key, shown this once:\n\n {4}(mcpw_\w+)\n\n {2}Try the server:\n\n {4}MCPW_KEY=\1 npm run try -- --url \S+\n/;
/** Secrets of servers whose test configures none, so that each has some: of an issuer of nobody's JWTs and of an upstream that is disabled. */
const PLANTED = {
  MCPW_AUTH_JWT_SECRET: 'planted-secret-of-an-issuer-of-no-tokens',
  PLANTED_UPSTREAM_TOKEN: 'planted-token-of-a-disabled-upstream',
} as const;
/** Who adds an upstream tells what it is called with. */
const UPSTREAMS = '/api/v1/upstreams';
const PLANTED_UPSTREAM = {
  planted: { url: 'http://127.0.0.1:9/mcp', headers: { Authorization: 'Bearer ${env:PLANTED_UPSTREAM_TOKEN}' }, disabled: true },
};

export class ServerProcess {
  readonly url: string;
  readonly wsUrl: string;
  readonly adminKey: string;
  /** All that the server printed so far, over restarts. */
  output = '';
  private child: ChildProcess | undefined;
  private exit: Promise<Exit> = Promise.resolve({ code: 0, signal: null });

  private constructor(
    readonly port: number,
    readonly dataDir: string,
    private readonly options: ServerOptions,
  ) {
    this.url = `http://127.0.0.1:${port}`;
    this.wsUrl = `ws://127.0.0.1:${port}/ws`;
    this.adminKey = options.adminKey === undefined ? TEST_ADMIN_KEY : (options.adminKey ?? '');
    plantToken('the admin key', this.adminKey);
    plantNamed('the setting', options.config);
    plantNamed('the variable', { ...PLANTED, ...options.env });
  }

  static async start(options: ServerOptions = {}): Promise<ServerProcess> {
    const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'mcpw-test-'));
    const server = new ServerProcess(await freePort(), dataDir, options);
    await server.launch();
    return server;
  }

  /** Resolves when the process has ended. */
  get exited(): Promise<Exit> {
    return this.exit;
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.child !== undefined;
  }

  /** Asks the server to end, and waits until it has. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    this.signal(signal);
    return within('end of the server', this.exit, STOPPED_WITHIN_MS);
  }

  /** Ends the server as a power cut would. */
  async kill(): Promise<Exit> {
    return this.stop('SIGKILL');
  }

  /** Sends a signal and does not wait. */
  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  /** Stops what still runs, and starts again on the same port and data. */
  async restart(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.isRunning) await this.stop(signal);
    await this.launch();
  }

  /** Frees the temporary data folder. The process has ended. */
  discard(): void {
    if (this.options.dataDir === undefined) rmSync(this.dataDir, { recursive: true, force: true });
  }

  /** An HTTP request. `key`: the admin key unless given; `null` sends none. */
  async rest(
    method: string,
    path: string,
    body?: unknown,
    key: string | null = this.adminKey,
    headers: Record<string, string> = {},
  ): Promise<RestAnswer> {
    if (path.startsWith(UPSTREAMS)) plantHeaders(body);
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(READY_WITHIN_MS),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true && text !== '';
    const answer: unknown = isJson ? JSON.parse(text) : text;
    plantShown(answer);
    return { status: response.status, headers: response.headers, body: answer };
  }

  /** Resolves with the match once the output so far matches. */
  async printed(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray> {
    return eventually(`output like ${String(pattern)}`, () => pattern.exec(this.output) ?? undefined, timeoutMs);
  }

  private async launch(): Promise<void> {
    const search = beginSearch();
    const child = spawn(
      process.execPath,
      ['--enable-source-maps', ...(this.options.nodeArgs ?? []), this.options.main ?? join(ROOT, 'dist/main.js')],
      {
        // Its own group, so that a process that it leaves behind is found.
        detached: true,
        cwd: this.options.cwd ?? this.dataDir,
        env: this.environment(),
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    this.child = child;
    const take = (chunk: Buffer): void => void (this.output += chunk.toString('utf8'));
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    const pid = child.pid;
    if (pid !== undefined) noteStarted(pid);
    this.exit = new Promise((resolve, reject) => {
      child.once('error', reject);
      // `close` comes after the last output.
      child.once('close', (code, signal) => {
        this.child = undefined;
        if (pid !== undefined) noteStopped(pid);
        plantToken('the admin key that was made', GREETING.exec(this.output)?.[1] ?? '');
        search?.end({ 'its output': this.output.replace(GREETING, ''), 'its audit log': auditOf(this.dataDir) });
        resolve({ code, signal });
      });
    });
    this.exit.catch(() => undefined);
    if (this.options.ready !== false) await this.becomesReady();
  }

  private async becomesReady(): Promise<void> {
    try {
      await eventually('readiness of the server', () => this.isReady(), READY_WITHIN_MS);
    } catch (error) {
      if (this.isRunning) await this.kill();
      throw new Error(`${(error as Error).message}; it printed:\n${this.output}`, { cause: error });
    }
  }

  private async isReady(): Promise<true | undefined> {
    if (!this.isRunning) throw new Error('the server ended before it was ready');
    const answer = await fetch(`${this.url}/health/ready`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
    await answer?.arrayBuffer();
    return answer?.status === 200 ? true : undefined;
  }

  private environment(): NodeJS.ProcessEnv {
    const { config, env } = this.options;
    const variables: NodeJS.ProcessEnv = { HOST: '127.0.0.1', PORT: String(this.port), MCPW_DATA_DIR: this.dataDir, NODE_ENV: 'test' };
    // No other MCP server, unless the test names some; '' brings back the default.
    if (config?.['mcpServers'] === undefined) variables['MCPW_MCPSERVERS'] = JSON.stringify(PLANTED_UPSTREAM);
    variables['PLANTED_UPSTREAM_TOKEN'] = PLANTED.PLANTED_UPSTREAM_TOKEN;
    if (!this.configures('auth')) variables['MCPW_AUTH_JWT_SECRET'] = PLANTED.MCPW_AUTH_JWT_SECRET;
    // At its most talkative, so that what is searched for secrets is all that a server can tell.
    if (!this.configures('logging')) variables['MCPW_LOGGING_LEVEL'] = 'trace';
    for (const name of INHERITED) if (process.env[name] !== undefined) variables[name] = process.env[name];
    if (this.adminKey !== '') variables['MCPW_ADMIN_KEY'] = this.adminKey;
    if (config !== undefined) {
      const file = join(this.dataDir, 'test-config.yaml');
      mkdirSync(this.dataDir, { recursive: true });
      writeFileSync(file, stringify(config));
      variables['MCPW_CONFIG'] = file;
    }
    return { ...variables, ...env };
  }

  /** Whether the test has settings of a section, in whatever way. */
  private configures(section: string): boolean {
    const { config, env = {} } = this.options;
    const prefix = `MCPW_${section.toUpperCase()}_`;
    return config?.[section] !== undefined || Object.keys(env).some((name) => name === 'MCPW_CONFIG' || name.startsWith(prefix));
  }
}

/** Whatever the headers of an upstream are called, any of them may be what opens it. */
function plantHeaders(upstream: unknown): void {
  const { headers } = (upstream ?? {}) as { headers?: Readonly<Record<string, unknown>> };
  for (const value of Object.values(headers ?? {}))
    if (typeof value === 'string') plantToken('a header of an upstream', value.replace(/^bearer /i, ''));
}

/** Keys and tickets are shown once, to who asked for them. */
function plantShown(answer: unknown): void {
  const { key, ticket } = (answer ?? {}) as { key?: unknown; ticket?: unknown };
  if (typeof key === 'string') plantToken('an API key', key);
  if (typeof ticket === 'string') plantToken('a ticket', ticket);
}
