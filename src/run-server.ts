// The server as a process: settings, start, signals.
import { Logger } from 'nestjs-pino';

import { describeProblems } from './config/config-problem.js';
import { loadConfig } from './config/load-config.js';
import { loadModules } from './load-modules.js';
import { startServer, type RunningServer } from './server.js';
import { StartFailure } from './start-failure.js';

const EXIT_FAILED = 1;
/** A terminal and a service manager signal npm and the server, and npm passes its signal on: what comes this soon is the same one. */
const SAME_SIGNAL_MS = 200;

export async function runServer(): Promise<void> {
  try {
    await run();
  } catch (error) {
    console.error(error instanceof StartFailure ? `The server does not start: ${error.message}` : error);
    process.exit(EXIT_FAILED);
  }
}

async function run(): Promise<void> {
  const loaded = loadConfig();
  if ('problems' in loaded) {
    console.error(describeProblems(loaded.problems));
    process.exit(EXIT_FAILED);
  }
  const server = await startServer({ ...loaded, modules: await loadModules(loaded.config.modules) });
  endOnSignal(server);
  reloadOnSignal(server);
  server.app.get(Logger).log({ msg: 'listening', url: server.url });
  if (server.madeAdminKey !== undefined) greet(server.url, server.madeAdminKey);
}

/** The first signal drains; the second ends at once. */
function endOnSignal(server: RunningServer): void {
  let endingSince = 0;
  const end = (): void => {
    const now = performance.now();
    if (endingSince !== 0) {
      if (now - endingSince > SAME_SIGNAL_MS) process.exit(EXIT_FAILED);
      return;
    }
    endingSince = now;
    server.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(EXIT_FAILED);
      },
    );
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
}

/** A new certificate without a restart. */
function reloadOnSignal(server: RunningServer): void {
  process.on('SIGHUP', () => {
    try {
      const msg = server.reloadTls() ? 'tls.cert and tls.key were read anew' : 'SIGHUP: there is no certificate to read anew';
      console.log(JSON.stringify({ level: 'info', msg }));
    } catch (error) {
      console.error(JSON.stringify({ level: 'error', msg: `the certificate stays the old one: ${(error as Error).message}` }));
    }
  });
}

/** Shown once: only the key's hash is kept. */
function greet(url: string, key: string): void {
  console.log(`
  The admin key, shown this once:

    ${key}

  Try the server:

    npm run try -- --url ${url.replace('http', 'ws')}/ws --key ${key}
`);
}
