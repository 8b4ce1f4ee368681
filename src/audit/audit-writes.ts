// What the writer thread does for the audit log: records that wait to be taken over (audit-outbox.ts). The log itself is no table.
import type { AuditEntry } from '../extension/audit-log.js';
import type { WriteContext, WritePrograms } from '../storage/write-program.js';

export const auditWrites = {
  'audit.post': (tx: WriteContext, entry: AuditEntry): void => {
    tx.prepare('INSERT INTO audit_outbox (entry, at) VALUES (?, ?)').run(JSON.stringify(entry), tx.now);
  },

  'audit.taken': (tx: WriteContext, { throughSeq }: { readonly throughSeq: number }): void => {
    tx.prepare('DELETE FROM audit_outbox WHERE seq <= ?').run(throughSeq);
  },
} satisfies WritePrograms;
