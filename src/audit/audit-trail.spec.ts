import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { auditFileName, auditFilesOf } from './audit-files.js';
import { writeAuditHead } from './audit-head.js';
import { AuditTrail } from './audit-trail.js';
import { verifyAudit } from './audit-verifier.js';

let folder: string;
let now: number;

const open = (fileBytes = 1_000_000): AuditTrail => new AuditTrail({ folder, fileBytes, now: () => now });
const line = (n: number): string => `{"at":"2030-01-01T00:00:00.00${n % 10}Z","action":"test","outcome":"ok","target":"t${n}"}\n`;
const path = (number = 1): string => join(folder, auditFileName(number));
const edit = (change: (text: string) => string, number = 1): void =>
  writeFileSync(path(number), change(readFileSync(path(number), 'utf8')));

/** Groups of two lines each. */
function write(groups: number, fileBytes?: number): AuditTrail {
  const trail = open(fileBytes);
  for (let i = 0; i < groups; i++) trail.append(line(2 * i) + line(2 * i + 1));
  trail.close();
  writeAuditHead(folder, trail.position);
  return trail;
}

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'mcpw-trail-')), 'audit');
  now = Date.parse('2030-01-01T10:00:00Z');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

describe('verify shows', () => {
  beforeEach(() => void write(5));

  it('nothing where nothing was touched', () => {
    expect(verifyAudit(folder)).toMatchObject({ files: 1, groups: 5, records: 10, problems: [], first: '2030-01-01T00:00:00.000Z' });
  });

  it.each<[string, (lines: string[]) => string[], RegExp]>([
    ['a changed line', (lines) => lines.with(5, (lines[5] ?? '').replace('"ok"', '"no"')), /:5-7: the group does not fit its seal/],
    ['a removed line', (lines) => lines.toSpliced(5, 1), /does not fit its seal/],
    ['an added line', (lines) => lines.toSpliced(5, 0, line(7).trimEnd()), /does not fit its seal/],
    ['two lines that changed places', (lines) => [...lines.slice(0, 4), lines[5] ?? '', lines[4] ?? '', ...lines.slice(6)], /does not fit/],
    ['a removed group', (lines) => lines.toSpliced(4, 3), /seal 3 where 2 is due/],
    ['a removed seal', (lines) => lines.toSpliced(6, 1), /seal 3 where 2 is due/],
    ['a group that was put in again', (lines) => lines.toSpliced(7, 0, ...lines.slice(4, 7)), /seal 2 where 3 is due/],
    ['groups removed from the end', (lines) => lines.slice(0, -4).concat(''), /2 groups are missing at the end|1 groups are missing/],
    ['a line after the end', (lines) => [...lines.slice(0, -1), line(1).trimEnd(), ''], /lines without a seal/],
    ['a line that is none', (lines) => lines.toSpliced(4, 1, 'x'), /is no record/],
    ['a file without its head', (lines) => lines.slice(1), /is not this file's head/],
  ])('%s', (_, change, problem) => {
    edit((text) => change(text.split('\n')).join('\n'));
    expect(verifyAudit(folder).problems.join('\n')).toMatch(problem);
  });

  it('a log without its noted end', () => {
    edit((text) => `${text.split('\n').slice(0, -7).join('\n')}\n`);
    rmSync(join(folder, 'head.json'));
    expect(verifyAudit(folder).problems).toEqual([expect.stringMatching('head.json is missing')]);
  });

  it('a log that somebody wrote anew, to who has noted a seal', () => {
    const noted = verifyAudit(folder).last;
    rmSync(folder, { recursive: true });
    write(6);
    expect(verifyAudit(folder, { ...noted, hash: 'x'.repeat(43) }).problems.join()).toMatch('written anew');
  });
});

describe('files', () => {
  it('follow each other by size, each going on with the chain', () => {
    write(50, 2_000);
    expect(auditFilesOf(folder).length).toBeGreaterThan(3);
    expect(verifyAudit(folder)).toMatchObject({ groups: 50, problems: [] });
    const trail = open(2_000);
    trail.append(line(1));
    trail.close();
    expect(verifyAudit(folder)).toMatchObject({ groups: 51, problems: [] });
  });

  it('follow each other by day', () => {
    const trail = open();
    trail.append(line(1));
    now += 86_400_000;
    trail.append(line(2));
    trail.append(line(3));
    trail.close();
    writeAuditHead(folder, trail.position);
    expect(auditFilesOf(folder).map(({ number }) => number)).toEqual([1, 2]);
    expect(verifyAudit(folder)).toMatchObject({ groups: 3, problems: [] });
  });

  it('that are missing show, in the middle and at the start, unless the log says that their time was over', () => {
    write(50, 2_000);
    renameSync(path(3), join(folder, 'elsewhere'));
    expect(verifyAudit(folder).problems.join('\n')).toMatch(`${auditFileName(3)} is missing`);
    renameSync(join(folder, 'elsewhere'), path(3));
    unlinkSync(path(1));
    expect(verifyAudit(folder).problems).toEqual([`${auditFileName(1)} is missing, and the log does not say that its time was over`]);
    const trail = open(2_000);
    trail.append(`{"at":"2030-01-01T00:00:00.000Z","action":"audit.retire","outcome":"ok","target":"${auditFileName(1)}"}\n`);
    trail.close();
    writeAuditHead(folder, trail.position);
    expect(verifyAudit(folder).problems).toEqual([]);
  });

  it('are for their owner alone', () => {
    write(1);
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it('do not change when a write fails', () => {
    const trail = open();
    trail.append(line(1));
    const before = readFileSync(path(), 'utf8');
    const file = trail as unknown as { fd: number };
    const { fd } = file;
    file.fd = -1;
    expect(() => trail.append(line(2))).toThrow();
    file.fd = fd;
    expect(readFileSync(path(), 'utf8')).toBe(before);
    trail.append(line(3));
    trail.close();
    writeAuditHead(folder, trail.position);
    expect(verifyAudit(folder)).toMatchObject({ groups: 2, problems: [] });
  });
});

describe('after a crash', () => {
  it.each([1, 40, 100])('a group that was torn %i bytes before its end is cut off, and the chain goes on', (bytes) => {
    write(2); // the end is noted once a second, and lags behind
    const last = open();
    last.append(line(4) + line(5));
    last.close();
    truncateSync(path(), statSync(path()).size - bytes);
    const trail = open();
    expect(trail.tornBytes).toBeGreaterThan(0);
    expect(trail.position.seal).toBe(2);
    trail.append(line(9));
    trail.close();
    writeAuditHead(folder, trail.position);
    expect(verifyAudit(folder)).toMatchObject({ groups: 3, problems: [] });
  });

  it('zeros at the end, as some file systems leave them, are cut off', () => {
    write(3);
    appendFileSync(path(), Buffer.alloc(4096));
    const trail = open();
    expect(trail.tornBytes).toBe(4096);
    trail.close();
    writeAuditHead(folder, trail.position);
    expect(verifyAudit(folder)).toMatchObject({ groups: 3, problems: [] });
  });

  it('a file without a whole head is none', () => {
    write(3);
    writeFileSync(path(2), '{"audit":1,"fi');
    const trail = open();
    expect(trail.position.seal).toBe(3);
    expect(existsSync(path(2))).toBe(false);
    trail.close();
    writeAuditHead(folder, trail.position);
  });

  it('a file that is no audit log at all stops the start', () => {
    write(1);
    writeFileSync(path(2), 'x'.repeat(1_000));
    expect(() => open()).toThrow('is no file of an audit log');
  });
});
