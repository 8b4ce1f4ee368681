// Removes the audit log's oldest files, past their time or past the size that all may have together. That a file went so is itself
// in the log, so that one that somebody else removed shows.
import { unlinkSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';

import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';

import { Config } from '../config/config.js';
import { AuditLog } from '../extension/audit-log.js';
import { Clock } from '../extension/clock.js';
import { auditFilesOf, auditFolder, type AuditFile } from './audit-files.js';

const SWEEP_MS = 600_000;
/** From the record to the removal, so that the record is on disk first. */
const GRACE_MS = 3_000;

@Injectable()
export class AuditRetention implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Audit');
  private timer: NodeJS.Timeout | undefined;
  private grace: NodeJS.Timeout | undefined;

  constructor(
    @Inject(Config) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(AuditLog) private readonly log: AuditLog,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.config.audit.enabled) return;
    this.timer = setInterval(() => void this.sweep(), SWEEP_MS).unref();
    void this.sweep();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
    clearTimeout(this.grace);
  }

  async sweep(): Promise<void> {
    try {
      const due = await this.due(auditFilesOf(auditFolder(this.config.dataDir)));
      if (due.length === 0) return;
      for (const { path, bytes } of due) this.log.record({ action: 'audit.retire', outcome: 'ok', target: basename(path), count: bytes });
      clearTimeout(this.grace);
      this.grace = setTimeout(() => this.remove(due), GRACE_MS).unref();
    } catch (error) {
      this.logger.warn({ msg: 'old files of the audit log were not removed; the next sweep will', err: error });
    }
  }

  /** The newest is being written to, and stays. */
  private async due(files: readonly AuditFile[]): Promise<AuditFile[]> {
    const { retentionMs, maxBytes } = this.config.audit;
    let total = files.reduce((sum, { bytes }) => sum + bytes, 0);
    const due: AuditFile[] = [];
    for (const file of files.slice(0, -1)) {
      const { mtimeMs } = await stat(file.path);
      if (total <= maxBytes && this.clock.now() - mtimeMs <= retentionMs) break;
      total -= file.bytes;
      due.push(file);
    }
    return due;
  }

  private remove(files: readonly AuditFile[]): void {
    for (const { path } of files) {
      try {
        unlinkSync(path);
      } catch (error) {
        this.logger.warn({ msg: 'an old file of the audit log was not removed', err: error });
      }
    }
  }
}
