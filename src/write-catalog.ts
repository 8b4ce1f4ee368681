// All that the writer thread can do and all that the database's schema is made of: each feature's programs and migrations.
import { auditMigration } from './audit/audit-schema.js';
import { auditWrites } from './audit/audit-writes.js';
import { apiKeyMigration } from './auth/api-key-schema.js';
import { apiKeyWrites } from './auth/api-key-writes.js';
import { contextMigration } from './context/context-schema.js';
import { contextWrites } from './context/context-writes.js';
import { eventWrites } from './events/event-writes.js';
import { upstreamMigration } from './federation/upstream-schema.js';
import { upstreamWrites } from './federation/upstream-writes.js';
import { idempotencyWrites } from './idempotency/idempotency-writes.js';
import { limitMigration } from './limits/limit-schema.js';
import { limitWrites } from './limits/limit-writes.js';
import { toolWrites } from './tools/tool-writes.js';
import { sessionMigration } from './session/session-schema.js';
import { sessionWrites } from './session/session-writes.js';
import { eventLogMigration } from './storage/event-log.js';
import { recordedAnswerMigration } from './storage/recorded-answer.js';
import type { Schema } from './storage/writer-thread.js';

export const writeCatalog: Schema = {
  migrations: [
    eventLogMigration,
    apiKeyMigration,
    contextMigration,
    recordedAnswerMigration,
    sessionMigration,
    upstreamMigration,
    limitMigration,
    auditMigration,
  ],
  programs: {
    ...apiKeyWrites,
    ...auditWrites,
    ...contextWrites,
    ...eventWrites,
    ...idempotencyWrites,
    ...limitWrites,
    ...sessionWrites,
    ...toolWrites,
    ...upstreamWrites,
  },
};
