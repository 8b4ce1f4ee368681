// A record of the audit log as it stands in its files: one line of JSON. Not who makes it (extension/audit-log.ts), and not how
// lines are kept (audit-trail.ts).
import type { AuditEntry } from '../extension/audit-log.js';

/** Members in this order, absent ones left out. */
export interface AuditRecord {
  /** RFC 3339, milliseconds. Of several calls in one line: the first one's. */
  readonly at: string;
  readonly action: string;
  readonly outcome: string;
  readonly tenant?: string;
  readonly principal?: string;
  readonly session?: string;
  readonly address?: string;
  readonly target?: string;
  /** A list where several calls, alike but for this, ended in the same turn of the event loop. */
  readonly duration_ms?: number | readonly number[];
  readonly count?: number;
}

/** An entry on its way into the log. */
export interface PendingRecord {
  readonly entry: AuditEntry;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** Of further entries like it. */
  durations: number[] | undefined;
}

/** The line, without its line feed. `JSON.stringify` escapes line feeds in names, so a record is always one line. */
export function recordLine({ entry, at, durations }: PendingRecord): string {
  const { action, outcome, tenant, principal, session, address, target, durationMs, count } = entry;
  return JSON.stringify({
    at: new Date(at).toISOString(),
    action,
    outcome,
    tenant,
    principal,
    session,
    address,
    target,
    duration_ms: durations === undefined ? durationMs : [durationMs, ...durations],
    count,
  });
}

/** Whether the two are one line, but for their durations: calls alike, one after the other, as a busy connection makes them. */
export function isAlike(a: AuditEntry, b: AuditEntry): boolean {
  return (
    a.durationMs !== undefined &&
    b.durationMs !== undefined &&
    a.session === b.session &&
    a.target === b.target &&
    a.action === b.action &&
    a.outcome === b.outcome &&
    a.principal === b.principal &&
    a.tenant === b.tenant &&
    a.address === b.address &&
    a.count === b.count
  );
}

/** Of a line that is a record, and not a seal or a file's head. */
export function parseRecord(line: string): AuditRecord | undefined {
  if (!line.startsWith('{"at":')) return undefined;
  try {
    return JSON.parse(line) as AuditRecord;
  } catch {
    return undefined;
  }
}

/** One record for each call of the line. */
export function separate({ duration_ms: durations, ...record }: AuditRecord): AuditRecord[] {
  if (!Array.isArray(durations)) return [durations === undefined ? record : { ...record, duration_ms: durations }];
  return durations.map((duration: number) => ({ ...record, duration_ms: duration }));
}
