import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { auditFilesOf } from './audit-files.js';
import { readAuditHead, writeAuditHead } from './audit-head.js';
import { verifyAudit } from './audit-verifier.js';
import { REFUSAL_WINDOW_MS } from './refusal-counter.js';
import { AuditTestFolder, turnEnd } from './testing/audit-folder.js';

let folder: AuditTestFolder;

beforeEach(() => {
  folder = new AuditTestFolder();
});
afterEach(() => {
  vi.useRealTimers();
  folder.discard();
});

const execution = {
  action: 'tool.execute',
  outcome: 'completed',
  tenant: 'acme',
  principal: 'key:a',
  session: 's',
  target: 'echo',
  durationMs: 3,
};

describe('a turn of the event loop', () => {
  it('is one group with one seal, whatever it records', async () => {
    const log = folder.recorder();
    log.record({ ...execution, target: 'one' });
    log.record({ ...execution, target: 'two' });
    await turnEnd();
    log.record({ ...execution, target: 'three' });
    await turnEnd();
    const kinds = folder.lines().map((line) => Object.keys(JSON.parse(line) as object)[0]);
    expect(kinds).toEqual(['audit', 'at', 'at', 'seal', 'at', 'seal']);
    expect(folder.records()[0]).toEqual({
      at: '2030-01-01T00:00:00.000Z',
      action: 'tool.execute',
      outcome: 'completed',
      tenant: 'acme',
      principal: 'key:a',
      session: 's',
      target: 'one',
      duration_ms: 3,
    });
  });

  it('writes calls that are alike, one after the other, in one line with all their durations', async () => {
    const log = folder.recorder();
    for (const durationMs of [1, 2, 3]) log.record({ ...execution, durationMs });
    log.record({ ...execution, session: 'other' });
    folder.clock.time += 1;
    log.record({ ...execution, session: 'other' });
    await turnEnd();
    expect(folder.records().map(({ session, duration_ms }) => [session, duration_ms])).toEqual([
      ['s', [1, 2, 3]],
      ['other', 3],
      ['other', 3],
    ]);
    expect(verifyAudit(folder.folder)).toMatchObject({ records: 5, groups: 1, problems: [] });
  });

  it('takes line feeds and quotes in names without breaking a line', async () => {
    const log = folder.recorder();
    log.record({ ...execution, principal: 'jwt:acme:a"\n{"at":"forged"}' });
    await turnEnd();
    expect(folder.records()).toHaveLength(1);
    expect(verifyAudit(folder.folder)).toMatchObject({ records: 1, problems: [] });
  });
});

describe('refusals', () => {
  const refusal = { action: 'refuse', outcome: 'forbidden', principal: 'key:a', tenant: 'acme', target: 'tool.list' };

  it('are written once at first, and counted for a minute', async () => {
    vi.useFakeTimers({ toFake: ['setInterval'] });
    const log = folder.recorder();
    for (let i = 0; i < 1000; i++) log.record({ ...refusal, session: `s${i}` });
    log.record({ ...refusal, target: 'other' });
    await turnEnd();
    expect(folder.records().map(({ target, count }) => [target, count])).toEqual([
      ['tool.list', undefined],
      ['other', undefined],
    ]);
    folder.clock.time += REFUSAL_WINDOW_MS;
    vi.advanceTimersByTime(1_000);
    await turnEnd();
    expect(folder.records().at(-1)).toMatchObject({ target: 'tool.list', count: 999 });
    log.record(refusal);
    await turnEnd();
    expect(folder.records()).toHaveLength(4);
  });

  it('that were counted are written at the end too', () => {
    const log = folder.recorder();
    log.record(refusal);
    log.record(refusal);
    log.close();
    expect(folder.records().map(({ count }) => count)).toEqual([undefined, 1]);
  });
});

describe('the chain', () => {
  it('goes on after a restart, and the end is noted', async () => {
    const first = folder.recorder();
    first.record(execution);
    first.close();
    const noted = readAuditHead(folder.folder);
    const second = folder.recorder();
    second.record(execution);
    second.close();
    const verdict = verifyAudit(folder.folder, noted);
    expect(verdict).toMatchObject({ groups: 2, records: 2, problems: [], notes: [] });
    expect(readAuditHead(folder.folder)).toEqual(verdict.last);
    expect(auditFilesOf(folder.folder)).toHaveLength(1);
  });

  it('says so where the end that was noted is missing', () => {
    const first = folder.recorder();
    first.record(execution);
    first.close();
    const head = readAuditHead(folder.folder);
    writeAuditHead(folder.folder, { seal: 5, hash: head?.hash ?? '' });
    const second = folder.recorder();
    second.close();
    expect(folder.records().at(-1)).toMatchObject({ action: 'audit.missing', count: 4 });
    expect(verifyAudit(folder.folder).notes[0]).toMatch('4 groups missing');
  });
});

describe('the noted end', () => {
  it('is there from the start', async () => {
    const log = folder.recorder();
    log.record(execution);
    await turnEnd();
    expect(verifyAudit(folder.folder)).toMatchObject({ groups: 1, problems: [] });
    log.close();
  });

  it('that somebody took away is told of by who starts without it', () => {
    const first = folder.recorder();
    first.record(execution);
    first.close();
    rmSync(join(folder.folder, 'head.json'));
    expect(verifyAudit(folder.folder).problems).toEqual([expect.stringMatching('head.json is missing')]);
    folder.recorder().close();
    expect(folder.records().at(-1)).toMatchObject({ action: 'audit.endless' });
    expect(verifyAudit(folder.folder)).toMatchObject({ problems: [], notes: [expect.stringMatching('no head.json')] });
  });
});

describe('a log that cannot be written', () => {
  it('keeps what it is given until it can, and says what it could not keep', async () => {
    vi.useFakeTimers({ toFake: ['setInterval'] });
    const log = folder.recorder();
    const trail = (log as unknown as { trail: { append(lines: string): void } }).trail;
    const append = vi.spyOn(trail, 'append').mockImplementation(() => {
      throw new Error('ENOSPC: no space left on device');
    });
    log.record(execution);
    await turnEnd();
    for (let i = 0; i < 20_000; i++) log.record({ ...execution, target: `tool-${i}` });
    await turnEnd();
    vi.advanceTimersByTime(1_000);
    expect(folder.records()).toHaveLength(0);
    append.mockRestore();
    vi.advanceTimersByTime(1_000);
    const records = folder.records();
    const lost = records.at(-1);
    expect(lost?.action).toBe('audit.lost');
    expect((lost?.count ?? 0) + records.length - 1).toBe(20_001);
    expect(verifyAudit(folder.folder).problems).toEqual([]);
  });

  it('does not let the server start', () => {
    writeFileSync(join(folder.dataDir, 'audit'), 'a file in the way');
    expect(() => folder.recorder()).toThrow(/EEXIST|ENOTDIR/);
  });
});
