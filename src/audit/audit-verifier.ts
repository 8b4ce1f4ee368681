// Checks the audit log: every group against its seal, every seal against the one before, every file against the one before, and the
// end against the last seal that was noted. Reads only; not for the server, which would wait for it.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

import { CHAIN_START, parseHead, parseSeal, sealed, type ChainPosition } from './audit-chain.js';
import { auditFileName, auditFilesOf, type AuditFile } from './audit-files.js';
import { readAuditHead } from './audit-head.js';
import { parseRecord, separate, type AuditRecord } from './audit-record.js';

export interface AuditVerdict {
  readonly files: number;
  readonly groups: number;
  /** Single calls counted. */
  readonly records: number;
  /** The last seal: who keeps it elsewhere can show that nothing before it has changed. */
  readonly last: ChainPosition;
  readonly first: string | undefined;
  readonly newest: string | undefined;
  /** What is wrong, each with its file and line. */
  readonly problems: readonly string[];
  /** What crashes have cost, in the server's own words. */
  readonly notes: readonly string[];
}

const LINE_FEED = 10;

/** @param folder of the log. @param known a seal that was noted earlier and must be in the chain */
export function verifyAudit(folder: string, known?: ChainPosition): AuditVerdict {
  const verification = new Verification();
  const files = auditFilesOf(folder);
  const noted = readAuditHead(folder);
  if (files.length === 0 && noted === undefined) verification.nothing();
  for (const file of files) verification.file(file);
  if (files.length > 0 && noted === undefined) verification.endless();
  verification.end(noted, 'the noted end of the log');
  if (known !== undefined) verification.end(known, 'the seal that was given');
  return verification.verdict(files.length, files[0]?.number);
}

class Verification {
  private readonly problems: string[] = [];
  private readonly notes: string[] = [];
  private readonly retired = new Set<string>();
  private readonly seals = new Map<number, string>();
  private position: ChainPosition | undefined;
  private lastFile = 0;
  private groups = 0;
  private records = 0;
  private first: string | undefined;
  private newest: string | undefined;

  file(file: AuditFile): void {
    const bytes = readFileSync(file.path);
    const name = basename(file.path);
    let lineNumber = 0;
    let groupStart = -1;
    let groupLine = 0;
    for (let start = 0; start < bytes.length;) {
      const lineFeed = bytes.indexOf(LINE_FEED, start);
      const end = lineFeed < 0 ? bytes.length : lineFeed;
      const line = bytes.toString('utf8', start, end);
      lineNumber++;
      const seal = parseSeal(line);
      if (lineNumber === 1) this.head(file, name, line);
      else if (seal !== undefined) {
        this.seal(
          seal,
          groupStart < 0 ? Buffer.alloc(0) : bytes.subarray(groupStart, start),
          `${name}:${groupLine || lineNumber}-${lineNumber}`,
        );
        groupStart = -1;
        groupLine = 0;
      } else {
        if (groupStart < 0) [groupStart, groupLine] = [start, lineNumber];
        this.record(line, `${name}:${lineNumber}`);
      }
      start = end + 1;
    }
    if (groupStart >= 0) this.problems.push(`${name}:${groupLine}: lines without a seal`);
    this.lastFile = file.number;
  }

  /** A server that has started has written: either this is another folder, or all was removed. */
  nothing(): void {
    this.problems.push('there is no audit log here');
  }

  /** A server notes the end before it writes. */
  endless(): void {
    this.problems.push('head.json is missing or cannot be read: groups that are missing at the end would not show');
  }

  /** The chain must have come through here. */
  end(known: ChainPosition | undefined, what: string): void {
    if (known === undefined || known.seal === 0) return;
    const last = this.position?.seal ?? 0;
    if (known.seal > last)
      this.problems.push(`${known.seal - last} groups are missing at the end: ${what} is ${known.seal}, the last here ${last}`);
    else if (this.seals.has(known.seal) && this.seals.get(known.seal) !== known.hash) {
      this.problems.push(`${what}, ${known.seal}, is not of this log: it was written anew`);
    }
  }

  verdict(files: number, firstFile: number | undefined): AuditVerdict {
    for (let number = 1; firstFile !== undefined && number < firstFile; number++) {
      const name = auditFileName(number);
      if (!this.retired.has(name)) this.problems.push(`${name} is missing, and the log does not say that its time was over`);
    }
    const { groups, records, position = CHAIN_START, first, newest, problems, notes } = this;
    return { files, groups, records, last: position, first, newest, problems, notes };
  }

  private head(file: AuditFile, name: string, line: string): void {
    const head = parseHead(line);
    if (head === undefined || head.file !== file.number) {
      this.problems.push(`${name}:1: is not this file's head`);
      return;
    }
    const { position } = head;
    if (this.position === undefined) {
      if (file.number === 1 && position.hash !== CHAIN_START.hash) this.problems.push(`${name}:1: does not begin the chain`);
      this.position = position;
      return;
    }
    for (let missing = this.lastFile + 1; missing < file.number; missing++) this.problems.push(`${auditFileName(missing)} is missing`);
    if (position.seal !== this.position.seal || position.hash !== this.position.hash) {
      this.problems.push(`${name}:1: does not go on where the file before it ends (seal ${this.position.seal})`);
      this.position = position;
    }
  }

  private seal(seal: ChainPosition, records: Uint8Array, where: string): void {
    const expected = sealed(this.position ?? CHAIN_START, records);
    if (seal.seal !== expected.seal)
      this.problems.push(`${where}: seal ${seal.seal} where ${expected.seal} is due: groups were removed or added`);
    else if (seal.hash !== expected.hash)
      this.problems.push(`${where}: the group does not fit its seal: a line was changed, added or removed`);
    // From here on by what is written, so that one change is one problem.
    this.position = seal;
    this.seals.set(seal.seal, seal.hash);
    this.groups++;
  }

  private record(line: string, where: string): void {
    const record = parseRecord(line);
    if (record === undefined) {
      this.problems.push(`${where}: is no record`);
      return;
    }
    this.records += separate(record).length;
    this.first ??= record.at;
    this.newest = record.at;
    this.ownRecord(record);
  }

  private ownRecord({ action, target, count, at }: AuditRecord): void {
    if (action === 'audit.retire' && target !== undefined) this.retired.add(target);
    if (action === 'audit.missing') this.notes.push(`${at}: the server found ${count} groups missing at the end of the log`);
    if (action === 'audit.endless') this.notes.push(`${at}: the server found no head.json: what was missing at the end did not show`);
    if (action === 'audit.torn') this.notes.push(`${at}: the server cut off a group that a crash had torn (${count} bytes)`);
    if (action === 'audit.lost') this.notes.push(`${at}: ${count} records could not be written`);
  }
}
