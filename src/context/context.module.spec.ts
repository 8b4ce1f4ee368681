import 'reflect-metadata';

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Global, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { expect, it } from 'vitest';

import { Config } from '../config/config.js';
import { Clock } from '../extension/clock.js';
import { fakeCaller } from '../extension/testing/fake-caller.js';
import { Database } from '../storage/database.js';
import { eventLogMigration } from '../storage/event-log.js';
import { InlineDatabase } from '../storage/inline-database.js';
import { recordedAnswerMigration } from '../storage/recorded-answer.js';
import { contextReads } from './context-reads.js';
import { contextMigration } from './context-schema.js';
import { contextWrites } from './context-writes.js';
import { ContextGateway } from './context.gateway.js';
import { ContextModule } from './context.module.js';

const clock: Clock = { now: () => 1_000 };

it('is wired by Nest from the global providers, and starts and stops', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'mcpw-context-'));
  const migrations = [eventLogMigration, contextMigration, recordedAnswerMigration];
  const db = new InlineDatabase({ file: join(dir, 'test.db'), programs: contextWrites, reads: contextReads, migrations, clock });

  @Global()
  @Module({
    providers: [
      { provide: Config, useValue: { contexts: { maxTokens: 10, sweepIntervalMs: 1_000 } } },
      { provide: Clock, useValue: clock },
      { provide: Database, useValue: db },
    ],
    exports: [Config, Clock, Database],
  })
  class GlobalsModule {}

  const app = await Test.createTestingModule({ imports: [GlobalsModule, ContextModule] }).compile();
  await app.init();
  const gateway = app.get(ContextGateway);
  const { id } = (await gateway.create({ name: 'n', content: 'Hello' }, fakeCaller())).toJSON();
  expect(gateway.get({ context_id: id }, fakeCaller()).toJSON()).toMatchObject({ name: 'n', item_count: 1, max_tokens: 10 });
  await app.close();
  db.close();
  rmSync(dir, { recursive: true });
});
