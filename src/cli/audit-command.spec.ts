import { readFileSync, writeFileSync } from 'node:fs';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { auditFilesOf } from '../audit/audit-files.js';
import { AuditTestFolder } from '../audit/testing/audit-folder.js';
import { runAuditCommand } from './audit-command.js';
import { UsageError } from './keys-command.js';

let files: AuditTestFolder;

beforeEach(() => {
  files = new AuditTestFolder();
  const log = files.recorder();
  log.record({ action: 'key.create', outcome: 'ok', tenant: 'acme', principal: 'key:a', target: 'b' });
  log.close();
});
afterEach(() => files.discard());

it('verify tells what is there and the last seal, which a later check takes', () => {
  const { text, isGood } = runAuditCommand(['verify'], files.folder);
  expect(isGood).toBe(true);
  expect(text).toMatch(/1 records in 1 groups in 1 files, from 2030-01-01T00:00:00.000Z/);
  const seal = /The last seal is (\d+:\S+)/.exec(text)?.[1] ?? '';
  expect(runAuditCommand(['verify', '--known', seal], files.folder).isGood).toBe(true);
  expect(runAuditCommand(['verify', '--known', `1:${'x'.repeat(43)}`], files.folder).isGood).toBe(false);
  expect(JSON.parse(runAuditCommand(['verify', '--json'], files.folder).text)).toMatchObject({ records: 1, problems: [] });
});

it('verify names the line that was changed', () => {
  const path = auditFilesOf(files.folder)[0]?.path ?? '';
  writeFileSync(path, readFileSync(path, 'utf8').replace('"acme"', '"evil"'));
  const { text, isGood } = runAuditCommand(['verify'], files.folder);
  expect(isGood).toBe(false);
  expect(text).toMatch(/PROBLEM: audit-00000001.ndjson:2-3: the group does not fit its seal/);
});

it.each([[[]], [['mend']], [['verify', 'twice']], [['verify', '--odd']], [['verify', '--known', '7']]])('%j makes no command', (args) => {
  expect(() => runAuditCommand(args, files.folder)).toThrow(UsageError);
});
