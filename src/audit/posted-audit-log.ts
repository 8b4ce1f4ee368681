// The audit log for processes beside the server: what they record waits in the database until the server takes it over.
import { callEntry, type AuditEntry, type AuditLog } from '../extension/audit-log.js';
import type { Database } from '../storage/database.js';
import type { auditWrites } from './audit-writes.js';

export class PostedAuditLog implements AuditLog {
  private readonly posted: Promise<unknown>[] = [];

  constructor(private readonly database: Database) {}

  record(entry: AuditEntry): void {
    this.posted.push(this.database.write<typeof auditWrites, 'audit.post'>('audit.post', entry));
  }

  recordCall(...call: Parameters<AuditLog['recordCall']>): void {
    this.record(callEntry(...call));
  }

  /** Resolves when all is on disk; rejects when something could not be written. */
  async settled(): Promise<void> {
    await Promise.all(this.posted);
  }
}
