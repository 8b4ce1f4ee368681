import 'reflect-metadata';

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Config } from '../config/config.js';
import type { OnceClaim } from '../extension/caller.js';
import { holdsScope } from '../extension/principal.js';
import { REQUIRED_SCOPE } from '../extension/requires.decorator.js';
import { fakeCaller } from '../extension/testing/fake-caller.js';
import { toolOptionsOf, type ToolCaller } from '../extension/tool.decorator.js';
import { eventLogMigration } from '../storage/event-log.js';
import { InlineDatabase } from '../storage/inline-database.js';
import { recordedAnswerMigration } from '../storage/recorded-answer.js';
import { contextReads } from './context-reads.js';
import { contextMigration } from './context-schema.js';
import { ContextSweeper } from './context-sweeper.js';
import { contextWrites } from './context-writes.js';
import { ContextGateway } from './context.gateway.js';
import { ContextService } from './context.service.js';
import { ContextTools } from './context.tools.js';
import { ItemEncoder } from './item-encoder.js';
import { SqlContextStore } from './sql-context-store.js';
import { TokenCounter } from './token-counter.js';

let dir: string;
let db: InlineDatabase;
let service: ContextService;
let sweeper: ContextSweeper;
let now: number;

const config = { contexts: { maxTokens: 1_000, sweepIntervalMs: 5 } } as Config;
const caller = fakeCaller();

beforeEach(() => {
  now = Date.parse('2030-01-01T00:00:00.000Z');
  const clock = { now: () => now };
  dir = mkdtempSync(join(tmpdir(), 'mcpw-context-'));
  const migrations = [eventLogMigration, contextMigration, recordedAnswerMigration];
  db = new InlineDatabase({ file: join(dir, 'test.db'), programs: contextWrites, reads: contextReads, migrations, clock });
  const store = new SqlContextStore(db, clock);
  service = new ContextService(store, new ItemEncoder(new TokenCounter()), config);
  sweeper = new ContextSweeper(store, config);
});
afterEach(() => {
  sweeper.onModuleDestroy();
  db.close();
  rmSync(dir, { recursive: true });
});

const pathOf = (path: string) => ({ kind: 'invalid_params', data: { errors: [{ path }] } });

describe('create', () => {
  it('fills in what is not given', async () => {
    const context = await service.create(caller, { name: 'n' });
    expect(context).toMatchObject({ version: 1, metadata: {}, items: [], max_tokens: 1_000, truncation: 'reject', agent_id: 'key:acme' });
    expect(context.id).toMatch(/^ctx_[A-Za-z0-9_-]{22}$/);
    expect(context).not.toHaveProperty('expires_at');
  });

  it('takes text as one item of role user, and counts its tokens', async () => {
    const { items, current_tokens } = await service.create(caller, { name: 'n', content: 'Hello, world!' });
    expect(items).toMatchObject([{ role: 'user', content: 'Hello, world!', tokens: 4 }]);
    expect(current_tokens).toBe(4);
  });

  it('refuses more tokens than the server allows', async () => {
    await expect(service.create(caller, { name: 'n', max_tokens: 1_001 })).rejects.toMatchObject(pathOf('/max_tokens'));
    expect(await service.create(caller, { name: 'n', max_tokens: 1_000 })).toMatchObject({ max_tokens: 1_000 });
  });

  it.each([
    [{ content: 'a\ud800' }, '/content'],
    [
      {
        content: [
          { role: 'user' as const, content: 'x' },
          { role: 'user' as const, content: '\udc00' },
        ],
      },
      '/content/1/content',
    ],
    [{ content: [{ role: 'user' as const, content: 'x', metadata: { a: '\udc00' } }] }, '/content/0/metadata/a'],
    [{ content: [{ role: 'user' as const, content: 'x', metadata: { a: 'x'.repeat(16_384) } }] }, '/content/0/metadata'],
    [{ metadata: { a: ['\ud800'] } }, '/metadata/a/0'],
    [{ metadata: { a: 'x'.repeat(65_536) } }, '/metadata'],
  ])('refuses what cannot be stored: case %#', async (params, path) => {
    await expect(service.create(caller, { name: 'n', ...params })).rejects.toMatchObject(pathOf(path));
    expect(await service.list(caller, {})).toEqual({ contexts: [] });
  });
});

describe('update', () => {
  beforeEach(() => service.create(caller, { id: 'c1', name: 'n', content: 'one' }));

  it('refuses a change that changes nothing', async () => {
    await expect(service.update(caller, { context_id: 'c1', version: 1 })).rejects.toMatchObject({ kind: 'invalid_params' });
  });

  it('replaces first and appends then, where both are asked for', async () => {
    await service.update(caller, { context_id: 'c1', replace: [{ role: 'system', content: 'summary' }], content: 'next' });
    const { items } = await service.get(caller, { context_id: 'c1' });
    expect(items.map(({ role, content }) => [role, content])).toEqual([
      ['system', 'summary'],
      ['user', 'next'],
    ]);
  });

  it('names the path of what cannot be stored', async () => {
    const replace = [{ role: 'user' as const, content: '\ud800' }];
    await expect(service.update(caller, { context_id: 'c1', replace })).rejects.toMatchObject(pathOf('/replace/0/content'));
    await expect(service.update(caller, { context_id: 'c1', metadata: { a: 1n } })).rejects.toMatchObject(pathOf('/metadata/a'));
    expect(await service.get(caller, { context_id: 'c1' })).toMatchObject({ version: 1, item_count: 1 });
  });
});

it('pages backwards by the id of an item', async () => {
  await service.create(caller, { id: 'c1', name: 'n', content: Array.from({ length: 5 }, (_, i) => ({ role: 'user', content: `n${i}` })) });
  const { items } = await service.get(caller, { context_id: 'c1', limit: 2 });
  const older = await service.get(caller, { context_id: 'c1', limit: 2, before: items[0]!.id });
  expect([...older.items, ...items].map(({ content }) => content)).toEqual(['n1', 'n2', 'n3', 'n4']);
});

describe('append', () => {
  it('adds an item to a context that is there', async () => {
    await service.create(caller, { id: 'c1', name: 'n' });
    expect(await service.append(caller, { context_id: 'c1', content: 'x', name: 'unused' })).toMatchObject({
      name: 'n',
      version: 2,
      item_count: 1,
    });
  });

  it('creates the context where a name is given, and else says that it is not found', async () => {
    await expect(service.append(caller, { context_id: 'c1', content: 'x' })).rejects.toMatchObject({ kind: 'not_found' });
    const created = await service.append(caller, { context_id: 'c1', content: 'x', name: 'n' });
    expect(created).toMatchObject({ name: 'n', version: 1, item_count: 1 });
    expect(created).not.toHaveProperty('items');
  });

  it('of many at once loses none', async () => {
    await Promise.all(Array.from({ length: 10 }, (_, i) => service.append(caller, { context_id: 'c1', content: `n${i}`, name: 'n' })));
    expect(await service.get(caller, { context_id: 'c1' })).toMatchObject({ version: 10, item_count: 10 });
  });
});

describe('the tools', () => {
  const toolCaller = (once?: OnceClaim): ToolCaller => ({ ...caller, once, timeoutMs: 1_000, progress: () => undefined });

  it('append, read and search', async () => {
    const tools = new ContextTools(service);
    await tools.append({ context_id: 'c1', content: 'the needle', role: 'assistant', name: 'n' }, toolCaller());
    expect(await tools.read({ context_id: 'c1' }, toolCaller())).toMatchObject({ items: [{ role: 'assistant', content: 'the needle' }] });
    expect(await tools.search({ query: 'needle' }, toolCaller())).toMatchObject({
      matches: [{ context_id: 'c1', item_id: 'i1', score: 1 }],
    });
  });

  it('leave the claim of their call to the call', async () => {
    const once: OnceClaim = { principalId: 'p', method: 'tool.execute', key: 'k', paramsHash: 'h', recorded: false };
    await new ContextTools(service).append({ context_id: 'c1', content: 'x', name: 'n' }, toolCaller(once));
    expect(once.recorded).toBe(false);
    expect(db.prepare('SELECT * FROM recorded_answer').all()).toEqual([]);
  });

  it('ask for the scopes of contexts', () => {
    const { search, read, append } = ContextTools.prototype;
    expect([search, read, append].map((method) => toolOptionsOf(method)?.scopes)).toEqual([
      ['contexts:read'],
      ['contexts:read'],
      ['contexts:write'],
    ]);
  });
});

it('a change records its answer for the claim of its request', async () => {
  const once: OnceClaim = { principalId: 'p', method: 'context.create', key: 'k', paramsHash: 'h', recorded: false };
  await service.create({ ...caller, once }, { name: 'n' });
  expect(once.recorded).toBe(true);
});

it('every method asks for the scope of reading or of writing', () => {
  const scopes = Object.getOwnPropertyNames(ContextGateway.prototype)
    .filter((name) => name !== 'constructor')
    .map((name) => [name, Reflect.getMetadata(REQUIRED_SCOPE, ContextGateway.prototype[name as 'get']) as string]);
  expect(Object.fromEntries(scopes)).toEqual({
    ...{ create: 'contexts:write', update: 'contexts:write', delete: 'contexts:write' },
    ...{ get: 'contexts:read', list: 'contexts:read', search: 'contexts:read' },
  });
  expect(holdsScope({ id: 'x', tenant: 't', scopes: ['contexts:read'] }, 'contexts:write')).toBe(false);
});

it('the sweeper removes what has expired, until it is stopped', async () => {
  await service.create(caller, { id: 'c1', name: 'n', content: 'x', ttl_seconds: 1 });
  const rows = () =>
    (db.writer.prepare('SELECT (SELECT count(*) FROM context) + (SELECT count(*) FROM context_item) AS n').get() as { n: number }).n;
  sweeper.onApplicationBootstrap();
  now += 999;
  await db.check();
  expect(rows()).toBe(2);
  now += 1;
  await expect.poll(rows).toBe(0);
});
