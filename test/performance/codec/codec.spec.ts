// The guide's "10-15x faster than JSON": where it holds, measured by the package's own benchmark. What must be read whole
// gains less; `npm run bench:codec` prints every row.
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

/** Large messages that the server passes on, or takes from its store, as they are. */
const KEPT_ENCODED = ['tool.list result typical (20)', 'context.get result typical (20)', 'context.list result typical (20)'];
const BLOBS = ['tool result with 64 KiB of binary, read', 'tool result with 64 KiB of binary, written'];

describe('the binary encoding', () => {
  let rows: readonly Row[];
  beforeAll(() => {
    const folder = mkdtempSync(join(tmpdir(), 'mcpw-bench-'));
    const file = join(folder, 'rows.json');
    execFileSync(process.execPath, ['libs/protocol/bench/codec.mjs', '--rounds', '4', '--json', file], { cwd: ROOT, stdio: 'ignore' });
    rows = (JSON.parse(readFileSync(file, 'utf8')) as { rows: Row[] }).rows;
    rmSync(folder, { recursive: true });
  }, 120_000);

  const row = (name: string): Row => {
    const found = rows.find((one) => one.name === name);
    if (found === undefined) throw new Error(`the benchmark has no row ${name}`);
    return found;
  };

  it.each([...KEPT_ENCODED, ...BLOBS])('is ten times as fast as JSON and more: %s', (name) => {
    expect(row(name).ratio).toBeGreaterThan(10);
  });

  it.each(KEPT_ENCODED)('allocates less than JSON does: %s', (name) => {
    expect(row(name).binary_heap).toBeLessThan(row(name).json_heap);
  });

  it('is smaller than JSON in every message', () => {
    expect(rows.filter(({ json_bytes, binary_bytes }) => binary_bytes >= json_bytes)).toEqual([]);
  });
});
