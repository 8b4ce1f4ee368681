// A server for a test, or for the tests of one file: stopped, with its clients, when the test that started it is done, or the file.
import { afterAll, onTestFinished, TestRunner } from 'vitest';

import { ServerProcess, type ServerOptions } from './server-process.js';
import { TestClient, type ConnectOptions } from './test-client.js';

export class TestServer {
  private readonly clients = new Set<TestClient>();
  private disposed: Promise<void> | undefined;

  constructor(readonly process: ServerProcess) {}

  readonly rest: ServerProcess['rest'] = (...request) => this.process.rest(...request);
  readonly stop: ServerProcess['stop'] = (...signal) => this.process.stop(...signal);
  readonly kill: ServerProcess['kill'] = () => this.process.kill();
  readonly restart: ServerProcess['restart'] = (...signal) => this.process.restart(...signal);
  readonly printed: ServerProcess['printed'] = (...pattern) => this.process.printed(...pattern);

  get url(): string {
    return this.process.url;
  }

  get wsUrl(): string {
    return this.process.wsUrl;
  }

  get adminKey(): string {
    return this.process.adminKey;
  }

  get dataDir(): string {
    return this.process.dataDir;
  }

  get output(): string {
    return this.process.output;
  }

  /** A client, with the admin key unless another credential is given; connected, not initialized. */
  async connect(options: ConnectOptions = {}): Promise<TestClient> {
    const client = await TestClient.connect(this.wsUrl, hasCredential(options) ? options : { ...options, key: this.adminKey });
    this.clients.add(client);
    return client;
  }

  /** A client that has said `initialize`. */
  async client(options: ConnectOptions = {}, params: Record<string, unknown> = {}): Promise<TestClient> {
    const client = await this.connect(options);
    await client.initialize(params);
    return client;
  }

  dispose(): Promise<void> {
    return (this.disposed ??= this.end());
  }

  private async end(): Promise<void> {
    for (const client of this.clients) client.terminate();
    if (this.process.isRunning) {
      await this.stop().catch(async (error: unknown) => {
        await this.kill();
        throw error;
      });
    }
    this.process.discard();
  }
}

const running = new Set<Promise<TestServer>>();

afterAll(async () => {
  const outcomes = await Promise.allSettled([...running].map(dispose));
  running.clear();
  shared.clear();
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
});

/**
 * Starts the built server (`npm run build` first) and waits until it is ready. Within a test it is that test's, and is ended with it: an
 * idle server takes memory and time from those that are tested. Else it is the file's.
 */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const server = start(options);
  // The next test need not wait for it; how it ended, the file does hear.
  if (TestRunner.getCurrentTest() !== undefined) onTestFinished(() => void dispose(server).catch(() => undefined));
  return server;
}

const shared = new Map<string, Promise<TestServer>>();

/**
 * The file's server of these settings, started when it is first asked for. For tests that leave nothing behind which another of them would
 * meet: each has connections of its own, and keys or tenants where these count.
 */
export async function sharedServer(options: ServerOptions): Promise<TestServer> {
  const name = JSON.stringify(options);
  const known = shared.get(name);
  if (known !== undefined) return known;
  const server = start(options);
  shared.set(name, server);
  return server;
}

async function start(options: ServerOptions): Promise<TestServer> {
  const server = ServerProcess.start(options).then((process) => new TestServer(process));
  running.add(server);
  return server;
}

async function dispose(starting: Promise<TestServer>): Promise<void> {
  const server = await starting.catch(() => undefined); // what did not start, its test knows of
  await server?.dispose();
}

function hasCredential({ key, jwt, ticket, apiKeyHeader, bearerSubprotocol, anonymous }: ConnectOptions): boolean {
  return [key, jwt, ticket, apiKeyHeader, bearerSubprotocol, anonymous].some((credential) => credential !== undefined);
}
