import { rmSync } from 'node:fs';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { auditFilesOf } from './audit-files.js';
import { readAuditCursor, writeAuditCursor, type AuditQuery } from './audit-query.js';
import { readAuditPage } from './audit-reader.js';
import type { AuditRecord } from './audit-record.js';
import { AuditTrail } from './audit-trail.js';
import { AuditTestFolder } from './testing/audit-folder.js';

let files: AuditTestFolder;
let trail: AuditTrail;

beforeEach(() => {
  files = new AuditTestFolder();
  trail = new AuditTrail({ folder: files.folder, fileBytes: 20_000, now: () => 0 });
});
afterEach(() => {
  trail.close();
  files.discard();
});

const atOf = (n: number): string => new Date(1_900_000_000_000 + n).toISOString();

/** Record n, newest last; every third is a line of three calls. */
function recordOf(n: number): AuditRecord {
  return {
    at: atOf(n),
    action: n % 5 === 0 ? 'refuse' : 'tool.execute',
    outcome: n % 2 === 0 ? 'ok' : 'failed',
    tenant: `t${n % 4}`,
    principal: `key:${n % 7}`,
    target: 'ü'.repeat(n % 50),
    duration_ms: n % 3 === 0 ? [n, n + 0.25, n + 0.5] : n,
  };
}

function fill(count: number): void {
  for (let n = 0; n < count;) {
    let group = '';
    for (let i = 0; i <= n % 4 && n < count; i++) group += `${JSON.stringify(recordOf(n++))}\n`;
    trail.append(group);
  }
}

async function all(query: AuditQuery, limit: number): Promise<AuditRecord[]> {
  const found: AuditRecord[] = [];
  let cursor: string | undefined;
  do {
    const page = await readAuditPage(files.folder, query, limit, cursor === undefined ? undefined : readAuditCursor(cursor));
    expect(page.records.length).toBeLessThanOrEqual(limit);
    found.push(...page.records);
    cursor = page.next && writeAuditCursor(page.next);
  } while (cursor !== undefined);
  return found;
}

describe('a query', () => {
  it.each([1, 2, 7, 100, 1000])('finds every call once, newest first, in pages of %i', async (limit) => {
    fill(400);
    expect(auditFilesOf(files.folder).length).toBeGreaterThan(2);
    const expected = Array.from({ length: 400 }, (_, i) => 399 - i).flatMap((n) =>
      n % 3 === 0 ? [n + 0.5, n + 0.25, n].map((ms) => [atOf(n), ms]) : [[atOf(n), n]],
    );
    const found = await all({}, limit);
    expect(found.map(({ at, duration_ms }) => [at, duration_ms])).toEqual(expected);
  });

  it('keeps what it asks for and nothing else', async () => {
    fill(200);
    const found = await all({ tenant: 't1', outcome: 'failed', action: 'tool.execute', principal: 'key:3' }, 10);
    expect(found.length).toBeGreaterThan(2);
    for (const record of found)
      expect(record).toMatchObject({ tenant: 't1', outcome: 'failed', action: 'tool.execute', principal: 'key:3' });
    expect(await all({ target: 'none' }, 10)).toEqual([]);
  });

  it('keeps to a time', async () => {
    fill(200);
    const found = await all({ since: atOf(50), until: atOf(60) }, 7);
    expect([...new Set(found.map(({ at }) => at))]).toEqual(Array.from({ length: 10 }, (_, i) => atOf(59 - i)));
  });

  it('reads lines that are longer than what is read at once', async () => {
    fill(3);
    const long = { ...recordOf(4), duration_ms: Array.from({ length: 100_000 }, (_, i) => i) };
    trail.append(`${JSON.stringify(long)}\n`);
    fill(3);
    const found = await all({}, 1000);
    expect(found).toHaveLength(2 * (3 + 1 + 1) + 100_000);
  });

  it('ends where retention has removed a file meanwhile', async () => {
    fill(400);
    const page = await readAuditPage(files.folder, {}, 10);
    for (const { path } of auditFilesOf(files.folder).slice(0, -1)) rmSync(path);
    const rest = await readAuditPage(files.folder, {}, 1000, page.next);
    expect(rest.next).toBeUndefined();
  });

  it('of an empty or missing log is empty', async () => {
    expect(await readAuditPage(files.folder, {}, 10)).toEqual({ records: [] });
    expect(await readAuditPage(`${files.folder}/none`, {}, 10)).toEqual({ records: [] });
  });
});

it('a cursor that is none of ours is refused', () => {
  for (const cursor of ['x', 'MS4y', Buffer.from('1.2.x').toString('base64url')]) {
    expect(() => readAuditCursor(cursor)).toThrow('is not a cursor of this list');
  }
});
