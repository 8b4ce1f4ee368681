// Reads the audit log backwards, newest first, a piece at a time so that the event loop is free in between.
import { open, type FileHandle } from 'node:fs/promises';

import { auditFilesOf, type AuditFile } from './audit-files.js';
import { mustHold, wants, type AuditPosition, type AuditQuery } from './audit-query.js';
import { parseRecord, separate, type AuditRecord } from './audit-record.js';

const PIECE_BYTES = 128 * 1024;
/** Looked at for one page: whoever looks for a needle asks again with the cursor. */
const MAX_SCANNED_BYTES = 32 * 1024 * 1024;
const LINE_FEED = 10;

export interface AuditPage {
  /** Newest first. */
  readonly records: readonly AuditRecord[];
  /** Where the next page begins; absent at the log's start. */
  readonly next?: AuditPosition;
}

interface FoundLine {
  readonly text: string;
  readonly offset: number;
}

/** @param limit of records; fewer come with a `next` where much was looked at */
export async function readAuditPage(folder: string, query: AuditQuery, limit: number, before?: AuditPosition): Promise<AuditPage> {
  const files = auditFilesOf(folder).filter(({ number }) => before === undefined || number <= before.file);
  const page = new PageInMaking(query, limit);
  let scanned = 0;
  for (const file of files.reverse()) {
    const from = before?.file === file.number ? before : undefined;
    if (from !== undefined && from.calls > 0) await page.finishLine(file, from);
    if (page.isFull) break;
    for await (const { lines, bytes } of piecesBackwards(file, from?.offset ?? file.bytes)) {
      scanned += bytes;
      for (const line of lines) {
        page.take(file.number, line);
        if (page.isFull) return page.done();
      }
      if (page.isPast) return page.done();
      if (scanned >= MAX_SCANNED_BYTES) return page.done();
    }
  }
  return page.isFull ? page.done() : page.ended();
}

class PageInMaking {
  private readonly records: AuditRecord[] = [];
  private readonly needles: readonly string[];
  private position: AuditPosition | undefined;
  /** Whether all that comes is older than what is asked for. */
  isPast = false;

  constructor(
    private readonly query: AuditQuery,
    private readonly limit: number,
  ) {
    this.needles = mustHold(query);
  }

  get isFull(): boolean {
    return this.records.length >= this.limit;
  }

  take(file: number, { text, offset }: FoundLine): void {
    this.position = { file, offset, calls: 0 };
    const { since } = this.query;
    if (!this.needles.every((needle) => text.includes(needle))) return;
    const record = parseRecord(text);
    if (record === undefined) return;
    if (since !== undefined && record.at < since) this.isPast = true;
    if (wants(this.query, record)) this.add(file, offset, separate(record));
  }

  /** The calls of a line that the page before had no room for. */
  async finishLine(file: AuditFile, { offset, calls }: AuditPosition): Promise<void> {
    const text = await lineAt(file, offset);
    const record = text === undefined ? undefined : parseRecord(text);
    if (record !== undefined && wants(this.query, record)) this.add(file.number, offset, separate(record).slice(0, calls));
  }

  done(): AuditPage {
    if (this.isPast && !this.isFull) return this.ended();
    return this.position === undefined ? this.ended() : { records: this.records, next: this.position };
  }

  ended(): AuditPage {
    return { records: this.records };
  }

  private add(file: number, offset: number, calls: readonly AuditRecord[]): void {
    const room = this.limit - this.records.length;
    this.records.push(...calls.slice(-room).reverse());
    this.position = { file, offset, calls: Math.max(0, calls.length - room) };
  }
}

/** Lines that end at or before `end`, last first, in pieces. A file that retention has removed meanwhile has none. */
async function* piecesBackwards(file: AuditFile, end: number): AsyncGenerator<{ lines: FoundLine[]; bytes: number }> {
  const handle = await openIfThere(file.path);
  if (handle === undefined) return;
  try {
    let rest = Buffer.alloc(0);
    for (let at = end; at > 0;) {
      const length = Math.min(PIECE_BYTES, at);
      at -= length;
      const piece = Buffer.concat([await readAt(handle, at, length), rest]);
      // The first line may begin before this piece.
      const lineFeed = piece.indexOf(LINE_FEED);
      const first = at === 0 ? 0 : lineFeed < 0 ? piece.length : lineFeed + 1;
      rest = Buffer.from(piece.subarray(0, first));
      yield { lines: linesBackwards(piece, first, at), bytes: length };
    }
  } finally {
    await handle.close();
  }
}

function linesBackwards(piece: Buffer, first: number, pieceOffset: number): FoundLine[] {
  const lines: FoundLine[] = [];
  for (let start = first; start < piece.length;) {
    const end = piece.indexOf(LINE_FEED, start);
    if (end < 0) break;
    lines.push({ text: piece.toString('utf8', start, end), offset: pieceOffset + start });
    start = end + 1;
  }
  return lines.reverse();
}

async function lineAt(file: AuditFile, offset: number): Promise<string | undefined> {
  const handle = await openIfThere(file.path);
  if (handle === undefined) return undefined;
  try {
    let bytes = Buffer.alloc(0);
    for (let at = offset; at < file.bytes; at += PIECE_BYTES) {
      bytes = Buffer.concat([bytes, await readAt(handle, at, Math.min(PIECE_BYTES, file.bytes - at))]);
      const end = bytes.indexOf(LINE_FEED);
      if (end >= 0) return bytes.toString('utf8', 0, end);
    }
    return undefined;
  } finally {
    await handle.close();
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function readAt(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(length), 0, length, offset);
  return buffer.subarray(0, bytesRead);
}
