// The port by which any module records what an auditor may ask about later: who did what, when, and how it ended. Never what was in
// it: no arguments, results, texts, credentials. audit/ implements it; logs for operators are something else.
import type { Principal } from './principal.js';

/** What was done. A module of a team's own adds words of its own: dotted, e.g. `billing.charge`. */
export type AuditAction =
  | 'authenticate'
  | 'connect'
  | 'refuse'
  | 'close'
  | 'tool.execute'
  | 'key.create'
  | 'key.rotate'
  | 'key.revoke'
  | 'limit.set'
  | 'limit.remove'
  | (string & {});

export interface AuditEntry {
  readonly action: AuditAction;
  /** `ok`, `completed`, `failed`, or the kind of the failure. */
  readonly outcome: string;
  /** Whose affair it is: its admins may read of it. Absent: only the operator's may. */
  readonly tenant?: string | undefined;
  /** Who did it: the principal's id. Absent: nobody knows. */
  readonly principal?: string | undefined;
  /** Session of the connection it came by. */
  readonly session?: string | undefined;
  /** Network address it came from. */
  readonly address?: string | undefined;
  /** What it was done to: a tool's or method's name, a key's id. Never free text of a client's. */
  readonly target?: string | undefined;
  /** Why it was refused, where `outcome` does not tell: a word of a closed list. */
  readonly reason?: string | undefined;
  readonly durationMs?: number | undefined;
  /** How often, where like entries were counted together. */
  readonly count?: number | undefined;
  /** When, where that was not now. Milliseconds since the Unix epoch. */
  readonly at?: number | undefined;
}

export interface AuditLog {
  /** Takes note; it is on its way to the disk by the end of this turn of the event loop. Never throws, never waits. */
  record(entry: AuditEntry): void;
  /**
   * The same for a call of a tool, which is what most of the log is of, without an object for each.
   * @param at when it ended. @param durationMs how long it took
   */
  recordCall(principal: Principal, session: string, tool: string, outcome: string, at: number, durationMs: number): void;
}
export const AuditLog = Symbol('AuditLog');

/** For parts that are used without an audit log: specs, the command line. */
export const NO_AUDIT: AuditLog = { record: () => undefined, recordCall: () => undefined };

const TOOL_CALL = 'tool.execute';

/** What `recordCall` records. */
export function callEntry(
  { id, tenant }: Principal,
  session: string,
  tool: string,
  outcome: string,
  at: number,
  durationMs: number,
): AuditEntry {
  return { action: TOOL_CALL, outcome, tenant, principal: id, session, target: tool, durationMs, at };
}

/** Whether an entry is of a call like this one, but for its times. */
export function isCallEntry(entry: AuditEntry, { id, tenant }: Principal, session: string, tool: string, outcome: string): boolean {
  return (
    entry.session === session &&
    entry.target === tool &&
    entry.action === TOOL_CALL &&
    entry.outcome === outcome &&
    entry.principal === id &&
    entry.tenant === tenant &&
    entry.durationMs !== undefined &&
    entry.address === undefined &&
    entry.reason === undefined &&
    entry.count === undefined
  );
}
