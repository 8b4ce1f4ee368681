// Names and order of the audit log's files in the data folder. Not what is in them: audit-trail.ts, audit-verifier.ts.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

export const auditFolder = (dataDir: string): string => join(dataDir, 'audit');

const NAME = /^audit-(\d{8})\.ndjson$/;

export const auditFileName = (number: number): string => `audit-${String(number).padStart(8, '0')}.ndjson`;

export interface AuditFile {
  readonly number: number;
  readonly path: string;
  readonly bytes: number;
}

/** Oldest first. Empty where there is no folder. */
export function auditFilesOf(folder: string): AuditFile[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return names
    .flatMap((name) => {
      const match = NAME.exec(name);
      const path = join(folder, name);
      return match === null ? [] : [{ number: Number(match[1]), path, bytes: statSync(path).size }];
    })
    .sort((a, b) => a.number - b.number);
}
