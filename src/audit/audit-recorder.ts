// The audit log as the server writes it: what one turn of the event loop records is one group and one write, before the answers of
// that turn leave in most cases. Measured: a call of a tool pays well under a microsecond where a turn has many.
import { fdatasync } from 'node:fs';

import { Inject, Logger, type OnApplicationShutdown } from '@nestjs/common';

import { Config } from '../config/config.js';
import { callEntry, isCallEntry, type AuditEntry, type AuditLog } from '../extension/audit-log.js';
import { Clock } from '../extension/clock.js';
import type { Principal } from '../extension/principal.js';
import type { ChainPosition } from './audit-chain.js';
import { auditFolder } from './audit-files.js';
import { readAuditHead, writeAuditHead } from './audit-head.js';
import { isAlike, recordLine, type PendingRecord } from './audit-record.js';
import { AuditTrail } from './audit-trail.js';
import { RefusalCounter } from './refusal-counter.js';

const FILE_BYTES = 16 * 1024 * 1024;
const SYNC_MS = 1_000;
/** What waits while nothing can be written, a full disk say. Beyond it the newest is counted, and not kept. */
const MAX_WAITING_CHARACTERS = 1024 * 1024;
const COMPLAINT_MS = 60_000;

export class AuditRecorder implements AuditLog, OnApplicationShutdown {
  private readonly logger = new Logger('Audit');
  private readonly trail: AuditTrail;
  private readonly refusals = new RefusalCounter();
  private readonly timer: NodeJS.Timeout;
  private pending: PendingRecord[] = [];
  private isScheduled = false;
  private isClosed = false;
  /** Lines of turns whose write failed. */
  private waiting = '';
  private lost = 0;
  private complainedAt = -Infinity;
  private syncedSeal: number;
  private isSyncing = false;

  /** @throws Error where the log cannot be opened: a server that is to keep one does not start without */
  constructor(
    @Inject(Config) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
  ) {
    const folder = auditFolder(config.dataDir);
    const fileBytes = Math.min(FILE_BYTES, Math.ceil(config.audit.maxBytes / 4));
    this.trail = new AuditTrail({ folder, fileBytes, now: () => clock.now() });
    this.syncedSeal = this.trail.position.seal;
    const head = readAuditHead(folder);
    this.noteGaps(head);
    // From the first group on: a log without it is one that somebody took it from.
    if (head === undefined) writeAuditHead(folder, this.trail.position);
    this.timer = setInterval(() => this.tend(), SYNC_MS);
    this.timer.unref();
  }

  record(entry: AuditEntry): void {
    if (this.isClosed) return;
    const at = entry.at ?? this.clock.now();
    if (isRepeatable(entry)) {
      const first = this.refusals.note(entry, at);
      if (first !== undefined) this.add(first, at);
    } else this.add(entry, at);
  }

  recordCall(principal: Principal, session: string, tool: string, outcome: string, at: number, durationMs: number): void {
    if (this.isClosed) return;
    const last = this.pending[this.pending.length - 1];
    if (last !== undefined && last.at === at && isCallEntry(last.entry, principal, session, tool, outcome)) {
      (last.durations ??= []).push(durationMs);
    } else this.push(callEntry(principal, session, tool, outcome, at, durationMs), at);
  }

  /** The file that is written to: all others are whole. */
  get currentFile(): number {
    return this.trail.currentFile;
  }

  /** Writes what this turn has recorded. After a failure only `retry` tries again, once a second. */
  private flush(): void {
    this.isScheduled = false;
    const { pending } = this;
    this.pending = [];
    if (this.waiting !== '') {
      this.keep(pending);
      return;
    }
    let lines = '';
    for (const record of pending) lines += `${recordLine(record)}\n`;
    try {
      if (lines !== '') this.trail.append(lines);
    } catch (error) {
      this.keep(pending);
      this.complain(error);
    }
  }

  private retry(): void {
    if (this.waiting === '') return;
    const loss = this.lost === 0 ? '' : `${recordLine(this.lossRecord())}\n`;
    try {
      this.trail.append(this.waiting + loss);
      this.waiting = '';
      this.lost = 0;
    } catch (error) {
      this.complain(error);
    }
  }

  onApplicationShutdown(): void {
    this.close();
  }

  close(): void {
    if (this.isClosed) return;
    clearInterval(this.timer);
    for (const entry of this.refusals.sweep(Infinity)) this.add(entry, this.clock.now());
    this.flush();
    this.retry();
    this.isClosed = true;
    try {
      this.trail.close();
      writeAuditHead(auditFolder(this.config.dataDir), this.trail.position);
    } catch (error) {
      this.complain(error);
    }
  }

  private add(entry: AuditEntry, at: number): void {
    const last = this.pending[this.pending.length - 1];
    if (last !== undefined && last.at === at && isAlike(last.entry, entry)) {
      (last.durations ??= []).push(entry.durationMs as number);
    } else this.push(entry, at);
  }

  private push(entry: AuditEntry, at: number): void {
    this.pending.push({ entry, at, durations: undefined });
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => this.flush());
  }

  /** Once a second: counted refusals that are due, what could not be written, and a sync of what was. */
  private tend(): void {
    const now = this.clock.now();
    for (const entry of this.refusals.sweep(now)) this.add(entry, now);
    this.retry();
    const { position, descriptor } = this.trail;
    if (position.seal === this.syncedSeal || this.isSyncing) return;
    this.isSyncing = true;
    fdatasync(descriptor, (error) => {
      this.isSyncing = false;
      // A descriptor that was closed meanwhile was synced as its file ended.
      if (error !== null && error.code !== 'EBADF' && error.code !== 'EINVAL') this.complain(error);
      else if (!this.isClosed) this.synced(position);
    });
  }

  private synced(position: ChainPosition): void {
    try {
      writeAuditHead(auditFolder(this.config.dataDir), position);
      this.syncedSeal = position.seal;
    } catch (error) {
      this.complain(error);
    }
  }

  /** What a crash took, as far as it shows: it stays in the log, for `verify` to tell of. */
  private noteGaps(head: ChainPosition | undefined): void {
    const { position, tornBytes } = this.trail;
    if (tornBytes > 0) this.add({ action: 'audit.torn', outcome: 'failed', count: tornBytes }, this.clock.now());
    if (head === undefined && position.seal > 0) {
      this.logger.warn('the noted end of the audit log is missing: whether groups are missing there does not show');
      this.add({ action: 'audit.endless', outcome: 'failed' }, this.clock.now());
    }
    const missing = (head?.seal ?? 0) - position.seal;
    if (missing <= 0) return;
    this.logger.warn(`the last ${missing} groups of the audit log are missing: a crash of the machine, or somebody removed them`);
    this.add({ action: 'audit.missing', outcome: 'failed', count: missing }, this.clock.now());
  }

  private keep(pending: readonly PendingRecord[]): void {
    for (const record of pending) {
      if (this.waiting.length < MAX_WAITING_CHARACTERS) this.waiting += `${recordLine(record)}\n`;
      else this.lost += 1 + (record.durations?.length ?? 0);
    }
  }

  private lossRecord(): PendingRecord {
    return { entry: { action: 'audit.lost', outcome: 'failed', count: this.lost }, at: this.clock.now(), durations: undefined };
  }

  private complain(error: unknown): void {
    const now = this.clock.now();
    if (now - this.complainedAt < COMPLAINT_MS) return;
    this.complainedAt = now;
    this.logger.error(`the audit log cannot be written: ${(error as Error).message}`);
  }
}

/** What somebody without a right to anything can cause as often as they like. */
function isRepeatable({ action, outcome }: AuditEntry): boolean {
  return outcome !== 'ok' && (action === 'refuse' || action === 'authenticate' || action === 'connect');
}
