// What is in the memory of another process of this user: the pages that it may write and has used, as Linux shows them.
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

const PIECE_BYTES = 16 * 1024 * 1024;
const PAGE_BYTES = 4_096;
/** An entry of pagemap is 8 bytes; the top ones of its last byte say that the page is in memory or swapped out. */
const ENTRY_BYTES = 8;
const IS_THERE = 0xc0;

/** How often each of the needles is there. */
export function countInMemory(pid: number, needles: readonly Uint8Array[]): number[] {
  const counts = needles.map(() => 0);
  const overlap = Math.max(...needles.map((needle) => needle.length)) - 1;
  const piece = Buffer.alloc(PIECE_BYTES + overlap);
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  try {
    for (const [start, end] of usedRegions(pid)) {
      for (let at = start; at < end; at += PIECE_BYTES) {
        const length = readInto(memory, piece, Math.min(piece.length, end - at), at);
        needles.forEach((needle, i) => (counts[i] = (counts[i] ?? 0) + countIn(piece.subarray(0, length), needle, PIECE_BYTES)));
      }
    }
  } finally {
    closeSync(memory);
  }
  return counts;
}

function writableRegions(pid: number): (readonly [number, number])[] {
  return readFileSync(`/proc/${pid}/maps`, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, start, end] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
      return start === undefined || end === undefined ? [] : [[Number.parseInt(start, 16), Number.parseInt(end, 16)] as const];
    });
}

/** Most of what a process may write it never has: pages that are not there hold nothing. */
function usedRegions(pid: number): (readonly [number, number])[] {
  const pagemap = openSync(`/proc/${pid}/pagemap`, 'r');
  try {
    return writableRegions(pid).flatMap(([start, end]) => {
      const entries = Buffer.alloc(((end - start) / PAGE_BYTES) * ENTRY_BYTES);
      readSync(pagemap, entries, 0, entries.length, (start / PAGE_BYTES) * ENTRY_BYTES);
      return runsOf(entries).map(([from, to]) => [start + from * PAGE_BYTES, start + to * PAGE_BYTES] as const);
    });
  } finally {
    closeSync(pagemap);
  }
}

/** Pages that are there, in a row: the first, and the one after the last. */
function runsOf(entries: Buffer): (readonly [number, number])[] {
  const runs: (readonly [number, number])[] = [];
  const isThere = (page: number): boolean => ((entries[page * ENTRY_BYTES + ENTRY_BYTES - 1] ?? 0) & IS_THERE) !== 0;
  const pages = entries.length / ENTRY_BYTES;
  for (let page = 0; page < pages; page++) {
    if (!isThere(page)) continue;
    const first = page;
    while (page < pages && isThere(page)) page++;
    runs.push([first, page]);
  }
  return runs;
}

/** What is gone since it was listed is read as nothing. */
function readInto(memory: number, piece: Buffer, length: number, at: number): number {
  try {
    return readSync(memory, piece, 0, length, at);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EIO') return 0;
    throw error;
  }
}

/** Of those that begin before `end`: the others are the next piece's. */
function countIn(bytes: Buffer, needle: Uint8Array, end: number): number {
  let count = 0;
  for (let at = bytes.indexOf(needle); at >= 0 && at < end; at = bytes.indexOf(needle, at + 1)) count++;
  return count;
}
