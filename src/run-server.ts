// The server as a process: settings, start, signals, what is printed, how it ends. main.ts runs it as it is shipped; a team's own
// entry runs it with modules of its own.
import { Logger } from 'nestjs-pino';

import type { ExtensionModule } from './app.module.js';
import { describeProblems } from './config/config-problem.js';
import { loadConfig } from './config/load-config.js';
import { loadModules } from './load-modules.js';
import { startServer, type RunningServer } from './server.js';
import { StartFailure } from './start-failure.js';
import { hasThreadsThatDoNotEnd } from './storage/supervised-thread.js';

const EXIT_FAILED = 1;
/** A terminal and a service manager signal npm and the server, and npm passes its signal on: what comes this soon is the same one. */
const SAME_SIGNAL_MS = 200;

export interface RunOptions {
  /** A team's own, beside those that the setting `modules` names. Default: none. */
  readonly modules?: readonly ExtensionModule[];
}

/**
 * Runs the server until the process ends; resolves when it listens. Reads the settings, prints the log as JSON lines and the admin key of
 * a first start once. SIGTERM and SIGINT drain and exit with 0, a second one ends it at once, by SIGKILL; SIGHUP reads the certificate anew.
 * Never throws: what keeps it from starting is told on standard error, and the process exits with 1.
 */
export async function runServer({ modules = [] }: RunOptions = {}): Promise<void> {
  try {
    await run(modules);
  } catch (error) {
    console.error(error instanceof StartFailure ? `The server does not start: ${error.message}` : error);
    process.exit(EXIT_FAILED);
  }
}

async function run(modules: readonly ExtensionModule[]): Promise<void> {
  const loaded = loadConfig();
  if ('problems' in loaded) {
    console.error(describeProblems(loaded.problems));
    process.exit(EXIT_FAILED);
  }
  const server = await startServer({ ...loaded, modules: [...modules, ...(await loadModules(loaded.config.modules))] });
  const logger = server.app.get(Logger);
  endOnSignal(server);
  reloadOnSignal(server, logger);
  logger.log({ msg: 'listening', url: server.url });
  if (server.madeAdminKey !== undefined) greet(server.url, server.madeAdminKey);
}

/** Whatever threads are doing: `process.exit` waits for them. */
const endAtOnce = (): true => process.kill(process.pid, 'SIGKILL');

function exit(code: number): void {
  if (hasThreadsThatDoNotEnd()) endAtOnce();
  process.exit(code);
}

/** The first signal drains; the second ends at once. */
function endOnSignal(server: RunningServer): void {
  let endingSince = 0;
  const end = (): void => {
    const now = performance.now();
    if (endingSince !== 0) {
      if (now - endingSince > SAME_SIGNAL_MS) endAtOnce();
      return;
    }
    endingSince = now;
    server.stop().then(
      () => exit(0),
      (error: unknown) => {
        console.error(error);
        exit(EXIT_FAILED);
      },
    );
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
}

/** A new certificate without a restart. */
function reloadOnSignal(server: RunningServer, logger: Logger): void {
  process.on('SIGHUP', () => {
    try {
      logger.log({ msg: server.reloadTls() ? 'tls.cert and tls.key were read anew' : 'SIGHUP: there is no certificate to read anew' });
    } catch (error) {
      logger.error({ msg: `the certificate stays the old one: ${(error as Error).message}` });
    }
  });
}

/** Shown once: only the key's hash is kept. */
function greet(url: string, key: string): void {
  console.log(`
  The admin key, shown this once:

    ${key}

  Try the server:

    MCPW_KEY=${key} npm run try -- --url ${url.replace('http', 'ws')}/ws
`);
}
