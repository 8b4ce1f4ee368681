// The guide's "10-15x faster than JSON": where it holds, measured by the package's own benchmark on the server's code. What must
// be read or written member by member gains less; docs/codec.md has every row.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../../..');

interface Row {
  readonly name: string;
  readonly ratio: number;
  readonly json_bytes: number;
  readonly binary_bytes: number;
  readonly json_heap: number;
  readonly binary_heap: number;
}

const BYTES = 'tool.execute result, 64 KiB of binary';
/** What the server keeps encoded: it is copied, where JSON writes it anew. */
const KEPT_ENCODED = [
  'tool.list result, typical (20)',
  'context.get result, typical (20)',
  'context.create result, typical',
  'context.update result, typical',
  'context.list result, typical',
  'event',
];
const READ_AT_ONCE = ['tool.list request, small', 'context.list request, small', 'event.subscribe request, small'];

describe('the binary encoding', () => {
  let rows: readonly Row[];
  let medianRatio: number;
  beforeAll(() => {
    const folder = mkdtempSync(join(tmpdir(), 'mcpw-bench-'));
    const file = join(folder, 'rows.json');
    execFileSync(process.execPath, ['libs/protocol/bench/codec.mjs', '--rounds', '16', '--json', file], { cwd: ROOT, stdio: 'ignore' });
    ({ rows, median_ratio: medianRatio } = JSON.parse(readFileSync(file, 'utf8')) as { rows: Row[]; median_ratio: number });
    rmSync(folder, { recursive: true });
  }, 120_000);

  const row = (name: string): Row => {
    const found = rows.find((one) => one.name === name);
    if (found === undefined) throw new Error(`the benchmark has no row ${name}`);
    return found;
  };

  it('is as fast as the guide says where a result holds bytes', () => {
    expect(row(BYTES).ratio).toBeGreaterThan(10);
  });

  it.each(KEPT_ENCODED)('is many times faster than JSON where a result is kept encoded: %s', (name) => {
    expect(row(name).ratio).toBeGreaterThan(4);
  });

  it.each(READ_AT_ONCE)('is faster than JSON where there is little to read: %s', (name) => {
    expect(row(name).ratio).toBeGreaterThan(1.5);
  });

  it('costs less than half of what JSON does, in the median of all messages', () => {
    expect(medianRatio).toBeGreaterThan(2);
  });

  it.each([...KEPT_ENCODED, BYTES])('allocates less than JSON does: %s', (name) => {
    expect(row(name).binary_heap).toBeLessThan(row(name).json_heap);
  });

  it('is smaller than JSON in every message', () => {
    expect(rows.filter(({ json_bytes, binary_bytes }) => binary_bytes >= json_bytes)).toEqual([]);
  });
});
