import { statSync, utimesSync } from 'node:fs';

import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { auditFilesOf } from './audit-files.js';
import { AuditRetention } from './audit-retention.js';
import { AuditTrail } from './audit-trail.js';
import { verifyAudit } from './audit-verifier.js';
import { AuditTestFolder, turnEnd } from './testing/audit-folder.js';

const DAY_MS = 86_400_000;
let files: AuditTestFolder;

beforeEach(() => {
  files = new AuditTestFolder();
  const trail = new AuditTrail({ folder: files.folder, fileBytes: 1_000, now: () => files.clock.time });
  for (let i = 0; i < 40; i++) trail.append(`{"at":"2030-01-01T00:00:00.000Z","action":"test","outcome":"ok","target":"t${i}"}\n`);
  trail.close();
  for (const { path } of auditFilesOf(files.folder)) utimesSync(path, files.clock.time / 1000, files.clock.time / 1000);
});
afterEach(() => {
  vi.useRealTimers();
  files.discard();
});

async function sweep(env: Record<string, string>): Promise<void> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval'] });
  const log = files.recorder();
  const retention = new AuditRetention(files.config(env), files.clock, log);
  await retention.sweep();
  await turnEnd();
  vi.advanceTimersByTime(10_000);
  retention.onModuleDestroy();
}

it('removes files past their time, and the log says so', async () => {
  const [first, second] = auditFilesOf(files.folder);
  for (const file of [first, second]) utimesSync(file?.path ?? '', 0, (files.clock.time - 3 * DAY_MS) / 1000);
  await sweep({ MCPW_AUDIT_RETENTION: '2d' });
  expect(auditFilesOf(files.folder)[0]?.number).toBe(3);
  expect(files.records().filter(({ action }) => action === 'audit.retire')).toHaveLength(2);
  expect(verifyAudit(files.folder).problems).toEqual([]);
});

it('removes the oldest until all are within the size', async () => {
  const total = (): number => auditFilesOf(files.folder).reduce((sum, { path }) => sum + statSync(path).size, 0);
  const before = total();
  const config = { ...files.config().audit, maxBytes: 3_000 };
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval'] });
  const log = files.recorder();
  const retention = new AuditRetention({ ...files.config(), audit: config }, files.clock, log);
  await retention.sweep();
  await turnEnd();
  vi.advanceTimersByTime(10_000);
  retention.onModuleDestroy();
  expect(before).toBeGreaterThan(5_000);
  expect(total()).toBeLessThan(4_500); // and what the removals themselves have written
  expect(verifyAudit(files.folder).problems).toEqual([]);
});

it('leaves what is neither', async () => {
  const before = auditFilesOf(files.folder).length;
  await sweep({});
  expect(auditFilesOf(files.folder)).toHaveLength(before);
  expect(files.records().filter(({ action }) => action === 'audit.retire')).toEqual([]);
});
