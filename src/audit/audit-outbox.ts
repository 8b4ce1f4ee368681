// Records of other processes on the data folder (the command line): they leave them in the database, and the server, which alone
// writes the log, takes them over within seconds or at its next start.
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';

import { AuditLog, type AuditEntry } from '../extension/audit-log.js';
import { Database } from '../storage/database.js';
import type { auditWrites } from './audit-writes.js';

const LOOK_MS = 2_000;
const TAKEN_AT_ONCE = 500;

interface Row {
  readonly seq: number;
  /** JSON */
  readonly entry: string;
  readonly at: number;
}

@Injectable()
export class AuditOutbox implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Audit');
  private timer: NodeJS.Timeout | undefined;
  private takenThrough = 0;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(AuditLog) private readonly log: AuditLog,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.take(), LOOK_MS).unref();
    void this.take();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** A crash in between has an entry in the log twice, never lost. */
  async take(): Promise<void> {
    try {
      const rows = this.database
        .prepare(`SELECT seq, entry, at FROM audit_outbox WHERE seq > ? ORDER BY seq LIMIT ${TAKEN_AT_ONCE}`)
        .all(this.takenThrough) as unknown as Row[];
      for (const { entry, at } of rows) this.log.record({ ...(JSON.parse(entry) as AuditEntry), at });
      const last = rows.at(-1);
      if (last === undefined) return;
      this.takenThrough = last.seq;
      await this.database.write<typeof auditWrites, 'audit.taken'>('audit.taken', { throughSeq: last.seq });
    } catch (error) {
      this.logger.warn({ msg: 'records of the command line were not taken over; the next look will', err: error });
    }
  }
}
