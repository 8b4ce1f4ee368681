// The audit log on disk: groups of lines, appended and never changed, each closed by a seal. A file is followed by the next one at
// a size, and at least once a day. A group is one write: what a crash of the process can cost is the one that is not written yet;
// what a crash of the machine can cost is what was not synced yet, a second's.
import { closeSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import { CHAIN_START, headLine, parseHead, parseSeal, sealed, sealLine, type ChainPosition } from './audit-chain.js';
import { auditFileName, auditFilesOf, type AuditFile } from './audit-files.js';

const DAY_MS = 86_400_000;
const LINE_FEED = 10;
const LONGEST_HEAD = 200;

export interface AuditTrailOptions {
  readonly folder: string;
  /** Size at which a file is followed by the next. */
  readonly fileBytes: number;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
}

export class AuditTrail {
  private fd: number;
  private file: number;
  private bytes: number;
  private day: number;
  private chain: ChainPosition;
  /** Bytes of a group that was torn by a crash, and is cut off: no answer to anyone depends on it. */
  readonly tornBytes: number;

  /** Opens the newest file, or makes the first. @throws Error where the folder cannot be written */
  constructor(private readonly options: AuditTrailOptions) {
    const { folder } = options;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.day = this.today();
    const newest = newestOf(folder);
    this.file = newest?.file.number ?? 0;
    this.chain = newest?.position ?? CHAIN_START;
    this.tornBytes = newest === undefined ? 0 : newest.file.bytes - newest.wholeBytes;
    if (newest === undefined) {
      [this.fd, this.bytes] = this.begin();
      return;
    }
    this.bytes = newest.wholeBytes;
    this.fd = openSync(newest.file.path, 'a', 0o600);
    if (this.tornBytes > 0) ftruncateSync(this.fd, this.bytes);
  }

  get position(): ChainPosition {
    return this.chain;
  }

  /**
   * Writes a group.
   * @param records whole lines, each with its line feed
   * @throws Error as the file system does, with the log as it was
   */
  append(records: string): void {
    if (this.bytes >= this.options.fileBytes || this.today() !== this.day) this.rotate();
    const next = sealed(this.chain, records);
    this.write(records + sealLine(next));
    this.chain = next;
  }

  /** Whatever was written is on disk when this returns. Takes as long as the disk does. */
  sync(): void {
    fsyncSync(this.fd);
  }

  /** For syncing without waiting for it. */
  get descriptor(): number {
    return this.fd;
  }

  /** The number of the file that is written to. */
  get currentFile(): number {
    return this.file;
  }

  close(): void {
    fsyncSync(this.fd);
    closeSync(this.fd);
  }

  private rotate(): void {
    const previous = this.fd;
    [this.fd, this.bytes] = this.begin();
    fsyncSync(previous);
    closeSync(previous);
    this.day = this.today();
  }

  private begin(): [fd: number, bytes: number] {
    const number = this.file + 1;
    const path = join(this.options.folder, auditFileName(number));
    const fd = openSync(path, 'ax', 0o600);
    const head = headLine(number, this.chain);
    try {
      writeSync(fd, head);
    } catch (error) {
      closeSync(fd);
      unlinkSync(path);
      throw error;
    }
    this.file = number;
    return [fd, head.length];
  }

  private write(text: string): void {
    const bytes = Buffer.from(text);
    try {
      let written = 0;
      while (written < bytes.length) written += writeSync(this.fd, bytes, written);
    } catch (error) {
      ftruncateSync(this.fd, this.bytes);
      throw error;
    }
    this.bytes += bytes.length;
  }

  private today(): number {
    return Math.floor(this.options.now() / DAY_MS);
  }
}

interface NewestFile {
  readonly file: AuditFile;
  /** How much of it is whole: its head and all groups up to the last seal. */
  readonly wholeBytes: number;
  readonly position: ChainPosition;
}

/** Where to go on. A file that a crash left without a whole head has nothing in it, and goes. */
function newestOf(folder: string): NewestFile | undefined {
  for (const file of auditFilesOf(folder).reverse()) {
    const newest = wholePart(file);
    if (newest !== undefined) return newest;
    if (file.bytes > LONGEST_HEAD) {
      throw new Error(`${file.path} is no file of an audit log: it has neither a head nor a seal; move it away to go on without it`);
    }
    unlinkSync(file.path);
  }
  return undefined;
}

function wholePart(file: AuditFile): NewestFile | undefined {
  const bytes = readFileSync(file.path);
  for (let end = bytes.length; end > 0;) {
    const lineEnd = bytes.lastIndexOf(LINE_FEED, end - 1);
    if (lineEnd < 0) return undefined;
    const lineStart = lineEnd === 0 ? 0 : bytes.lastIndexOf(LINE_FEED, lineEnd - 1) + 1;
    const line = bytes.toString('utf8', lineStart, lineEnd);
    const position = parseSeal(line) ?? parseHead(line)?.position;
    if (position !== undefined) return { file, wholeBytes: lineEnd + 1, position };
    end = lineStart;
  }
  return undefined;
}
