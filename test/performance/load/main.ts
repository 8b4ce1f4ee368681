// The load generator: `make test-websocket-load`. Starts the built server for itself unless it is given one.
import { ServerProcess } from '../../support/server-process.js';
import { LoadConnection } from './load-connection.js';
import { readOptions, USAGE, type LoadOptions } from './load-options.js';
import { LoadReport } from './load-report.js';

const PROGRESS_EVERY_MS = 500;
/** Of our own server: the load is to reach the handlers, not the limits. */
const UNLIMITED = 10_000_000;

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options.url !== undefined) return load(options, options.url);
  const server = await ServerProcess.start({
    config: {
      websocket: {
        max_connections: options.connections,
        rate_limit: { rate: UNLIMITED, burst: UNLIMITED, handshakes_per_minute: UNLIMITED },
      },
    },
  });
  const endServer = (): void => server.signal('SIGKILL');
  process.once('exit', endServer);
  try {
    await load({ ...options, key: server.adminKey }, server.wsUrl);
  } finally {
    await server.stop();
    process.off('exit', endServer);
    server.discard();
  }
}

async function load(options: LoadOptions, url: string): Promise<void> {
  const { connections, messages, durationMs, encoding } = options;
  const pace = durationMs === undefined ? 'as fast as they are answered' : `over ${durationMs / 1_000} s`;
  console.log(`${connections} connections × ${messages} messages, ${pace}, ${encoding}, to ${url}`);
  const report = new LoadReport();
  const opened: LoadConnection[] = [];
  for (let i = 0; i < connections; i++) {
    const connection = new LoadConnection(options, report);
    if (await connection.open(url)) opened.push(connection);
  }
  const startMs = performance.now();
  const progress = setInterval(() => showProgress(report, options, performance.now() - startMs), PROGRESS_EVERY_MS);
  await Promise.all(opened.map((connection) => connection.run()));
  clearInterval(progress);
  const elapsedMs = performance.now() - startMs;
  showProgress(report, options, elapsedMs);
  console.log(`\n${report.table(elapsedMs)}`);
  if (report.failed > 0) process.exitCode = 1;
}

/** One line that is written over on a terminal, and a line each elsewhere. */
function showProgress({ answered, failed }: LoadReport, { connections, messages }: LoadOptions, elapsedMs: number): void {
  const total = connections * messages;
  const percent = Math.floor((100 * answered) / total);
  const rate = Math.round(answered / (elapsedMs / 1_000));
  const line = `${String(percent).padStart(3)} %  ${answered}/${total} answered  ${rate}/s  ${failed} errors  ${(elapsedMs / 1_000).toFixed(1)} s`;
  process.stdout.write(process.stdout.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
}

await main().catch((error: unknown) => {
  console.error(`${(error as Error).message}\n\n${USAGE}`);
  process.exitCode = 2;
});
