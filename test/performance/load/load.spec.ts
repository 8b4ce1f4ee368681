// The load generator as `make test-websocket-load` runs it.
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

import { describe, expect, it } from 'vitest';

import { startServer } from '../../support/start-server.js';

const ROOT = resolve(import.meta.dirname, '../../..');

async function run(...args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/performance/load/main.ts', ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((done) => child.once('close', done));
  return { code, output };
}

describe('the load generator', () => {
  it('sends 10 connections × 100 messages and prints throughput, percentiles and errors', async () => {
    const { code, output } = await run('--connections', '10', '--messages', '100');
    expect(output).toMatch(/100 %\s+1000\/1000 answered/);
    expect(output).toMatch(/answered +1000\n/);
    expect(output).toMatch(/throughput +\d+ messages\/s/);
    for (const percentile of ['p50', 'p95', 'p99']) expect(output).toMatch(new RegExp(`latency ${percentile} +[\\d.]+ ms`));
    expect(output).toMatch(/errors +0\n/);
    expect(code).toBe(0);
  });

  it('speaks the binary protocol as well', async () => {
    const { code, output } = await run('--connections', '2', '--messages', '20', '--encoding', 'binary');
    expect(output).toMatch(/answered +40\n/);
    expect(code).toBe(0);
  });

  it('spreads the messages over a duration', async () => {
    const { code, output } = await run('--connections', '2', '--messages', '5', '--duration', '1');
    const seconds = Number(/time +([\d.]+) s/.exec(output)?.[1]);
    expect(seconds).toBeGreaterThan(0.75);
    expect(code).toBe(0);
  });

  it('counts errors by code, and fails where there are any', async () => {
    const server = await startServer({ config: { websocket: { rate_limit: { rate: 0.1, burst: 5 } } } });
    const { code, output } = await run('--connections', '1', '--messages', '20', '--url', server.wsUrl, '--key', server.adminKey);
    expect(output).toMatch(/4002 rate limited +1[56]\n/);
    expect(code).toBe(1);
  });

  it('says what is wrong with its arguments', async () => {
    const { code, output } = await run('--connections', 'many');
    expect(output).toContain('--connections is a whole number from 1 up, not many');
    expect(code).toBe(2);
  });
});
