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
  readonly reason?: string;
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

/**
 * The line, without its line feed: what `JSON.stringify` would make of an `AuditRecord`, put together by hand. Measured: 0.3 µs in
 * place of 1.3. Names are quoted by `JSON.stringify`, which escapes line feeds in them, so a record is always one line.
 */
export function recordLine({ entry, at, durations }: PendingRecord): string {
  const { tenant, principal, session, address, target, reason, durationMs, count } = entry;
  let line = `{"at":"${timeText(at)}","action":${quoted(entry.action)},"outcome":${quoted(entry.outcome)}`;
  if (tenant !== undefined) line += `,"tenant":${quoted(tenant)}`;
  if (principal !== undefined) line += `,"principal":${quoted(principal)}`;
  if (session !== undefined) line += `,"session":${quoted(session)}`;
  if (address !== undefined) line += `,"address":${quoted(address)}`;
  if (target !== undefined) line += `,"target":${quoted(target)}`;
  if (reason !== undefined) line += `,"reason":${quoted(reason)}`;
  if (durations !== undefined) line += `,"duration_ms":[${durationMs},${durations.join()}]`;
  else if (durationMs !== undefined) line += `,"duration_ms":${durationMs}`;
  if (count !== undefined) line += `,"count":${count}`;
  return `${line}}`;
}

/** Quoted names: the same few come again and again. */
const KEPT_NAMES = 4096;
const quotedNames = new Map<string, string>();

function quoted(name: string): string {
  let text = quotedNames.get(name);
  if (text === undefined) {
    if (quotedNames.size >= KEPT_NAMES) quotedNames.clear();
    quotedNames.set(name, (text = JSON.stringify(name)));
  }
  return text;
}

const SECOND_MS = 1000;
let lastSecond = NaN;
/** Of the last second, up to its milliseconds. */
let secondText = '';

function timeText(at: number): string {
  const second = Math.floor(at / SECOND_MS);
  if (second !== lastSecond) {
    secondText = new Date(second * SECOND_MS).toISOString().slice(0, -'000Z'.length);
    lastSecond = second;
  }
  return `${secondText}${String(Math.floor(at) - second * SECOND_MS).padStart(3, '0')}Z`;
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
    a.reason === b.reason &&
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
