// The last seal that is known to be on disk, in a file of its own: groups that are missing at the log's end show by it.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { ChainPosition } from './audit-chain.js';

const fileOf = (folder: string): string => join(folder, 'head.json');

/** Undefined where there is none, or none that can be read. */
export function readAuditHead(folder: string): ChainPosition | undefined {
  try {
    const { seal, hash } = JSON.parse(readFileSync(fileOf(folder), 'utf8')) as Partial<ChainPosition>;
    return typeof seal === 'number' && typeof hash === 'string' ? { seal, hash } : undefined;
  } catch {
    return undefined;
  }
}

/** Whole or not at all. */
export function writeAuditHead(folder: string, { seal, hash }: ChainPosition): void {
  const temporary = `${fileOf(folder)}.new`;
  writeFileSync(temporary, `${JSON.stringify({ seal, hash })}\n`, { mode: 0o600 });
  renameSync(temporary, fileOf(folder));
}
