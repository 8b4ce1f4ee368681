import 'reflect-metadata';

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Config } from '../config/config.js';
import { fakeCaller } from '../extension/testing/fake-caller.js';
import { eventLogMigration } from '../storage/event-log.js';
import { InlineDatabase } from '../storage/inline-database.js';
import { recordedAnswerMigration } from '../storage/recorded-answer.js';
import { contextReads } from './context-reads.js';
import { contextMigration } from './context-schema.js';
import { contextWrites } from './context-writes.js';
import { ContextService } from './context.service.js';
import { Contexts, type ContextUser } from './contexts.js';
import { ItemEncoder } from './item-encoder.js';
import { SqlContextStore } from './sql-context-store.js';
import { TokenCounter } from './token-counter.js';

let dir: string;
let db: InlineDatabase;
let contexts: Contexts;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mcpw-contexts-'));
  const clock = { now: () => 1_900_000_000_000 };
  const migrations = [eventLogMigration, contextMigration, recordedAnswerMigration];
  db = new InlineDatabase({ file: join(dir, 'test.db'), programs: contextWrites, reads: contextReads, migrations, clock });
  const config = { contexts: { maxTokens: 1_000 } } as Config;
  contexts = new Contexts(new ContextService(new SqlContextStore(db, clock), new ItemEncoder(new TokenCounter()), config));
});
afterEach(() => {
  db.close();
  rmSync(dir, { recursive: true });
});

const job: ContextUser = { principal: { id: 'job:statements', tenant: 'acme', scopes: [] } };
const published = () => db.prepare('SELECT tenant, event FROM event_log ORDER BY seq').all();

describe('contexts, for a module', () => {
  it('are made, changed, read, found and deleted as plain objects', async () => {
    const given = { name: 'statement', content: 'opened', metadata: { note: undefined } };
    const { id, agent_id: agent, items } = await contexts.create(job, given);
    expect([agent, items.map(({ content }) => content)]).toEqual(['job:statements', ['opened']]);
    expect(await contexts.update(job, { context_id: id, version: 1, metadata: { month: 11 } })).toMatchObject({ version: 2 });
    expect(await contexts.append(job, { context_id: id, content: 'charged 250 cents', role: 'tool' })).toMatchObject({ item_count: 2 });
    expect(await contexts.get(job, { context_id: id })).toMatchObject({
      version: 3,
      metadata: { month: 11 },
      items: [{ content: 'opened' }, { role: 'tool', content: 'charged 250 cents' }],
    });
    expect(await contexts.list(job)).toMatchObject({ contexts: [{ id }] });
    expect(await contexts.search(job, { query: 'charged' })).toMatchObject([{ context_id: id, score: 1 }]);
    await contexts.delete(job, { context_id: id });
    await expect(contexts.get(job, { context_id: id })).rejects.toMatchObject({ kind: 'not_found' });
    expect(published()).toEqual(['created', 'updated', 'updated', 'deleted'].map((what) => ({ tenant: 'acme', event: `context.${what}` })));
  });

  it('are those of the principal’s tenant', async () => {
    const { id } = await contexts.create(job, { name: 'n' });
    const stranger = { principal: { ...job.principal, tenant: 'globex' } };
    await expect(contexts.get(stranger, { context_id: id })).rejects.toMatchObject({ kind: 'not_found' });
    await expect(contexts.delete(stranger, { context_id: id })).rejects.toMatchObject({ kind: 'not_found' });
    expect(await contexts.list(stranger)).toEqual({ contexts: [] });
  });

  it('have params checked as those of a client are', async () => {
    const wrong = { name: '', max_tokens: 0, extra: 1 } as never;
    await expect(contexts.create(job, wrong)).rejects.toMatchObject({
      kind: 'invalid_params',
      data: {
        errors: expect.arrayContaining([expect.objectContaining({ path: '/name' }), expect.objectContaining({ path: '/max_tokens' })]),
      },
    });
    await expect(contexts.get(job, { context_id: 'no id' })).rejects.toMatchObject({ kind: 'invalid_params' });
    expect(published()).toEqual([]);
  });

  it('do not use the claim of the call that they are used for', async () => {
    const once = { principalId: 'key:acme', method: 'billing.charge', key: 'k', paramsHash: 'h', recorded: false };
    await contexts.create({ ...fakeCaller(), once } as ContextUser, { name: 'n' });
    expect(once.recorded).toBe(false);
    expect(db.prepare('SELECT * FROM recorded_answer').all()).toEqual([]);
  });

  it('tell a conflict as a client would be told', async () => {
    const { id } = await contexts.create(job, { name: 'n', id: 'c1' });
    await expect(contexts.create(job, { name: 'n', id })).rejects.toMatchObject({ kind: 'conflict' });
    await expect(contexts.update(job, { context_id: id, version: 7, name: 'm' })).rejects.toMatchObject({
      kind: 'conflict',
      data: { current_version: 1 },
    });
  });
});
