// The server of a process, once its settings are known: from its start to its end. Imported only then, since it imports all there is, which
// takes a second: run-server.ts.
import { Logger } from 'nestjs-pino';

import { startServer, type RunningServer, type ServerOptions } from './server.js';
import type { Signals } from './signals.js';
import { hasThreadsThatDoNotEnd } from './storage/supervised-thread.js';

const EXIT_FAILED = 1;
/** A terminal and a service manager signal npm and the server, and npm passes its signal on: what comes this soon is the same one. */
const SAME_SIGNAL_MS = 200;

/** Resolves when the server listens. @throws as `startServer` */
export async function serve(options: ServerOptions, signals: Signals): Promise<void> {
  const server = await startServer(options);
  const logger = server.app.get(Logger);
  signals.hand({ end: ending(server), reload: () => reload(server, logger) });
  logger.log({ msg: 'listening', url: server.url });
  if (server.madeAdminKey !== undefined) greet(server.url, server.madeAdminKey);
}

/** Whatever threads are doing: `process.exit` waits for them. */
const endAtOnce = (): true => process.kill(process.pid, 'SIGKILL');

function exit(code: number): void {
  if (hasThreadsThatDoNotEnd()) endAtOnce();
  process.exit(code);
}

/** What drains at its first call, and ends at once at the second. */
function ending(server: RunningServer): () => void {
  let endingSince = 0;
  return () => {
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
}

/** A new certificate without a restart. */
function reload(server: RunningServer, logger: Logger): void {
  try {
    logger.log({ msg: server.reloadTls() ? 'tls.cert and tls.key were read anew' : 'SIGHUP: there is no certificate to read anew' });
  } catch (error) {
    logger.error({ msg: `the certificate stays the old one: ${(error as Error).message}` });
  }
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
