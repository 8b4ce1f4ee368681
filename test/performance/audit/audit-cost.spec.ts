// What the audit log costs a call of a tool: the CPU time of a server that keeps one, beside that of one that does not.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { startServer, type TestServer } from '../../support/start-server.js';
import { LoadConnection } from '../load/load-connection.js';
import type { LoadOptions } from '../load/load-options.js';
import { LoadReport } from '../load/load-report.js';

const CONNECTIONS = 10;
const MESSAGES = 4_000;
const ROUNDS = 5;
/** Measured on a busy machine with two cores: 0.9 to 1.25, which is what such runs differ by. This much is only reached where something is wrong, whatever else the machine does. */
const MOST = 3;
/** In `/proc/<pid>/stat`, counted from after the name of the program; a tick is 10 ms. */
const UTIME = 11;
const STIME = 12;
const US_PER_TICK = 10_000;

function cpuUs({ process: { pid } }: TestServer): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[UTIME]) + Number(fields[STIME])) * US_PER_TICK;
}

/** @returns µs of the server's CPU for each call, connecting not counted */
async function costOfCall(server: TestServer): Promise<number> {
  const report = new LoadReport();
  const options: LoadOptions = {
    connections: CONNECTIONS,
    messages: MESSAGES,
    durationMs: undefined,
    inFlight: 16,
    encoding: 'json',
    url: server.wsUrl,
    key: server.adminKey,
  };
  const connections = Array.from({ length: CONNECTIONS }, () => new LoadConnection(options, report));
  for (const connection of connections) await connection.open(server.wsUrl);
  const before = cpuUs(server);
  await Promise.all(connections.map((connection) => connection.run()));
  const used = cpuUs(server) - before;
  expect([report.answered, report.failed]).toEqual([CONNECTIONS * MESSAGES, 0]);
  return used / report.answered;
}

it('a call of a tool costs little more where it is written to the audit log', async () => {
  const start = async (enabled: boolean): Promise<TestServer> =>
    startServer({ config: { audit: { enabled }, logging: { level: 'warn' }, websocket: { rate_limit: { enabled: false } } } });
  const [kept, none] = [await start(true), await start(false)];
  const costs = { kept: [] as number[], none: [] as number[] };
  // In turns: what else the machine does meets both alike. The first round is for warming up.
  for (let round = 0; round <= ROUNDS; round++) {
    const [withLog, without] = [await costOfCall(kept), await costOfCall(none)];
    if (round === 0) continue;
    costs.kept.push(withLog);
    costs.none.push(without);
  }
  const [withLog, without] = [Math.min(...costs.kept), Math.min(...costs.none)];
  const ratio = withLog / without;
  console.log(`a call costs ${withLog.toFixed(1)} µs with an audit log, ${without.toFixed(1)} without: ${ratio.toFixed(2)} times as much`);
  expect(recordedCalls(kept)).toBe((ROUNDS + 1) * CONNECTIONS * MESSAGES);
  expect(existsSync(join(none.dataDir, 'audit')) ? recordedCalls(none) : 0).toBe(0);
  expect(ratio).toBeLessThan(MOST);
});

/** Calls in the log: those of one line have a time each. */
function recordedCalls({ dataDir }: TestServer): number {
  const folder = join(dataDir, 'audit');
  const lines = readdirSync(folder)
    .filter((name) => name.endsWith('.ndjson'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
    .filter((line) => line.includes('"action":"tool.execute"'));
  return lines.reduce((sum, line) => {
    const { duration_ms: durations } = JSON.parse(line) as { duration_ms: number | number[] };
    return sum + (Array.isArray(durations) ? durations.length : 1);
  }, 0);
}
