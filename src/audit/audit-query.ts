// What is asked of the audit log, and the position in it at which a page ended. Not how it is read: audit-reader.ts.
import { Failure } from '../extension/failure.js';
import type { AuditRecord } from './audit-record.js';

export interface AuditQuery {
  /** Undefined: every tenant's, and what is nobody's. */
  readonly tenant?: string | undefined;
  readonly principal?: string | undefined;
  readonly action?: string | undefined;
  readonly outcome?: string | undefined;
  readonly target?: string | undefined;
  /** RFC 3339 with milliseconds, UTC: they are compared as text. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** A place between two records: what comes before it in the file is older. */
export interface AuditPosition {
  readonly file: number;
  /** Bytes from the file's start. */
  readonly offset: number;
  /** Calls of the line that begins at `offset` and that were not given out yet. */
  readonly calls: number;
}

export function wants(query: AuditQuery, record: AuditRecord): boolean {
  return (
    (query.tenant === undefined || record.tenant === query.tenant) &&
    (query.principal === undefined || record.principal === query.principal) &&
    (query.action === undefined || record.action === query.action) &&
    (query.outcome === undefined || record.outcome === query.outcome) &&
    (query.target === undefined || record.target === query.target) &&
    (query.since === undefined || record.at >= query.since) &&
    (query.until === undefined || record.at < query.until)
  );
}

/** Texts that a line must hold to be wanted: looking for them costs a tenth of reading the line. */
export function mustHold(query: AuditQuery): string[] {
  return (['tenant', 'principal', 'action', 'outcome', 'target'] as const).flatMap((name) =>
    query[name] === undefined ? [] : [`${JSON.stringify(name)}:${JSON.stringify(query[name])}`],
  );
}

const CURSOR = /^(\d{1,8})\.(\d{1,15})\.(\d{1,9})$/;

export const writeAuditCursor = ({ file, offset, calls }: AuditPosition): string =>
  Buffer.from(`${file}.${offset}.${calls}`).toString('base64url');

/** @throws Failure invalid_params */
export function readAuditCursor(cursor: string): AuditPosition {
  const match = CURSOR.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  if (match === null) throw Failure.invalidParams([{ path: '/cursor', message: 'is not a cursor of this list' }]);
  return { file: Number(match[1]), offset: Number(match[2]), calls: Number(match[3]) };
}
