import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeMsgpack } from '@mcpw/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { eventLogMigration } from '../storage/event-log.js';
import { InlineDatabase } from '../storage/inline-database.js';
import { recordedAnswerMigration } from '../storage/recorded-answer.js';
import type { LoggedEvent } from '../storage/write-program.js';
import { contextReads } from './context-reads.js';
import { CONTEXT_ORDERS, type ContextOrder } from './context-order.js';
import type { NewItem } from './context-row.js';
import { contextMigration } from './context-schema.js';
import { contextSearch } from './context-search.js';
import type { ContextPatch, NewContext } from './context-store.js';
import { contextWrites } from './context-writes.js';
import type { ContextItem } from './context.js';
import { SqlContextStore } from './sql-context-store.js';

const acme = { tenant: 'acme', agent: 'key:1' };
const other = { tenant: 'other', agent: 'key:2' };

let dir: string;
let db: InlineDatabase;
let store: SqlContextStore;
let now: number;
let events: LoggedEvent[];

beforeEach(() => {
  now = Date.parse('2030-01-01T00:00:00.000Z');
  dir = mkdtempSync(join(tmpdir(), 'mcpw-context-'));
  const clock = { now: () => now };
  const migrations = [eventLogMigration, contextMigration, recordedAnswerMigration];
  db = new InlineDatabase({ file: join(dir, 'test.db'), programs: contextWrites, reads: contextReads, migrations, clock });
  store = new SqlContextStore(db, clock);
  events = [];
  db.onPublished((published) => events.push(...published));
});
afterEach(async () => {
  await sweepAll();
  checkIndex();
  db.close();
  rmSync(dir, { recursive: true });
});

/** Throws where the full-text index and the items do not hold the same words: every test ends with it. */
const checkIndex = () => db.writer.exec(`INSERT INTO context_search (context_search, rank) VALUES ('integrity-check', 1)`);

const item = (content: string, tokens = 1, role: NewItem['role'] = 'user'): NewItem => ({ role, content, tokens });
/** An answer has to be the same in both encodings: that of every call of every test is looked at. */
const answered = async <T>(answer: Promise<{ readonly bytes: Uint8Array; toJSON(): T }>): Promise<T> => {
  const encoded = await answer;
  const value = encoded.toJSON();
  expect(decodeMsgpack(encoded.bytes)).toEqual({ ok: true, value });
  return value;
};
const create = (given: Partial<NewContext> = {}, author = acme) =>
  answered(store.create(author, { id: 'c1', name: 'Notes', metadata: '{}', maxTokens: 100, truncation: 'reject', items: [], ...given }));
const update = (given: Partial<ContextPatch>, author = acme, id = 'c1') =>
  answered(store.update(author, id, { items: [], isReplacement: false, ...given }));
const remove = (version?: number) => answered(store.delete(acme, 'c1', version));
const append = (...items: NewItem[]) => update({ items });
const get = async (limit = 200, before?: number) => {
  const context = await store.get('acme', 'c1', limit, before);
  expect(decodeMsgpack(store.stored('acme', 'c1', limit, before).bytes)).toEqual({ ok: true, value: context });
  return context;
};
const contents = (items: readonly ContextItem[]) => items.map(({ content }) => content);
const sweepAll = async () => {
  let steps = 1;
  while (await store.sweep()) steps++;
  return steps;
};
const count = (table: string) => (db.writer.prepare(`SELECT count(*) AS n FROM ${table}`).get() as { n: number }).n;

it('what was read before is read anew once the context has changed, is another one of its name, or is gone', async () => {
  await create({ items: [item('first')] });
  await get();
  expect(contents((await get()).items)).toEqual(['first']);
  await append(item('second'));
  expect(contents((await get()).items)).toEqual(['first', 'second']);
  expect(contents((await get(1)).items)).toEqual(['second']);
  await store.delete(acme, 'c1');
  await expect(get()).rejects.toMatchObject({ kind: 'not_found' });
  await create({ items: [item('anew')], ttlMs: 1_000 });
  expect(contents((await get()).items)).toEqual(['anew']);
  now += 1_000;
  expect(() => store.stored('acme', 'c1', 200).bytes).toThrow('not found');
});

describe('create', () => {
  it('answers with the context, which a get then shows alike', async () => {
    const created = await create({
      metadata: '{"a":{"b":[1,null]}}',
      items: [item('Be brief.', 3, 'system'), { ...item('Hello', 2), metadata: '{"lang":"en"}' }],
      ttlMs: 60_000,
    });
    expect(created).toEqual({
      ...{ id: 'c1', name: 'Notes', tenant_id: 'acme', agent_id: 'key:1', version: 1, metadata: { a: { b: [1, null] } } },
      items: [
        { id: 'i1', role: 'system', content: 'Be brief.', tokens: 3, created_at: '2030-01-01T00:00:00.000Z' },
        { id: 'i2', role: 'user', content: 'Hello', tokens: 2, metadata: { lang: 'en' }, created_at: '2030-01-01T00:00:00.000Z' },
      ],
      ...{ item_count: 2, current_tokens: 5, max_tokens: 100, truncation: 'reject' },
      ...{ created_at: '2030-01-01T00:00:00.000Z', updated_at: '2030-01-01T00:00:00.000Z', expires_at: '2030-01-01T00:01:00.000Z' },
    });
    expect(await get()).toEqual(created);
  });

  it('keeps every character of names, metadata and content', async () => {
    const text = 'é 漢字 😀 "quoted" \\ \u0000 \u2028 </script> \n\t';
    await create({ name: 'é "漢" 😀', metadata: JSON.stringify({ [text]: text }), items: [item(text)] });
    const context = await get();
    expect(context).toMatchObject({ name: 'é "漢" 😀', metadata: { [text]: text }, items: [{ content: text }] });
  });

  it('refuses an id that the tenant has, and takes it for another tenant', async () => {
    await create();
    await expect(create()).rejects.toMatchObject({ kind: 'conflict', data: { current_version: 1 } });
    await create({ name: 'Theirs' }, other);
    expect(await get()).toMatchObject({ name: 'Notes', tenant_id: 'acme' });
  });

  it('publishes ids and the version, and no content', async () => {
    await create({ items: [item('secret')] });
    expect(events).toMatchObject([
      { tenant: 'acme', event: 'context.created', data: '{"context_id":"c1","version":1,"agent_id":"key:1"}' },
    ]);
  });
});

describe('get', () => {
  it('is of the tenant alone', async () => {
    await create({}, other);
    await expect(get()).rejects.toMatchObject({ kind: 'not_found', message: 'context c1 not found' });
  });

  it('shows the newest items, and pages backwards', async () => {
    await create();
    for (let i = 1; i <= 7; i++) await append(item(`n${i}`));
    expect(contents((await get(3)).items)).toEqual(['n5', 'n6', 'n7']);
    expect(contents((await get(3, 5)).items)).toEqual(['n2', 'n3', 'n4']);
    expect(contents((await get(3, 2)).items)).toEqual(['n1']);
    expect(contents((await get(3, 1)).items)).toEqual([]);
    expect(contents((await get(0)).items)).toEqual([]);
  });

  it('shows fewer items where they are very large, one at least, and the rest by paging', async () => {
    await create({ maxTokens: 1_000 });
    for (const name of ['a', 'b', 'c']) await append(item(name.repeat(900_000)));
    await append(item('d'.repeat(3_000_000)));
    const pages = [];
    for (let before: number | undefined; before !== 1;) {
      const { items } = await get(200, before);
      pages.push(contents(items).map((text) => text[0]));
      before = Number(items[0]!.id.slice(1));
    }
    expect(pages).toEqual([['d'], ['b', 'c'], ['a']]);
  });
});

describe('update', () => {
  it('appends items, raises the version by one, and answers without items', async () => {
    await create({ items: [item('one', 1)] });
    now += 1_000;
    expect(await append(item('two', 2), item('three', 3))).toEqual({
      ...{ id: 'c1', name: 'Notes', tenant_id: 'acme', agent_id: 'key:1', version: 2, metadata: {} },
      ...{ item_count: 3, current_tokens: 6, max_tokens: 100, truncation: 'reject' },
      ...{ created_at: '2030-01-01T00:00:00.000Z', updated_at: '2030-01-01T00:00:01.000Z' },
    });
    expect(contents((await get()).items)).toEqual(['one', 'two', 'three']);
    expect(events.at(-1)).toMatchObject({ event: 'context.updated', data: '{"context_id":"c1","version":2,"agent_id":"key:1"}' });
  });

  it('made for a stale version is a conflict that says the current one, and changes nothing', async () => {
    await create();
    await append(item('one'));
    events = [];
    await expect(update({ version: 1, items: [item('two')], name: 'x' })).rejects.toMatchObject({
      kind: 'conflict',
      data: { current_version: 2 },
    });
    expect(await get()).toMatchObject({ version: 2, name: 'Notes', item_count: 1 });
    expect(events).toEqual([]);
    expect(await update({ version: 2, name: 'x' })).toMatchObject({ version: 3, name: 'x' });
  });

  it('of many at once for one version succeeds once', async () => {
    await create();
    const answers = await Promise.allSettled(Array.from({ length: 20 }, (_, i) => update({ version: 1, items: [item(`n${i}`)] })));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await get()).toMatchObject({ version: 2, item_count: 1 });
  });

  it('of another tenant is of nothing', async () => {
    await create();
    await expect(update({ name: 'x' }, other)).rejects.toMatchObject({ kind: 'not_found', message: 'context c1 not found' });
    await expect(store.delete(other, 'c1')).rejects.toMatchObject({ kind: 'not_found', message: 'context c1 not found' });
  });

  it('patches metadata by RFC 7396', async () => {
    await create({ metadata: '{"keep":1,"gone":2,"deep":{"a":1,"b":2}}' });
    expect(await update({ metadataPatch: '{"gone":null,"deep":{"b":null,"c":3},"new":[1]}' })).toMatchObject({
      metadata: { keep: 1, deep: { a: 1, c: 3 }, new: [1] },
    });
  });

  it('takes __proto__ and constructor as names like others', async () => {
    await create();
    await update({ metadataPatch: '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}' });
    const { metadata } = await update({ metadataPatch: '{"__proto__":{"more":1}}' });
    expect(JSON.stringify(metadata)).toBe('{"__proto__":{"polluted":true,"more":1},"constructor":{"prototype":{"polluted":true}}}');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('refuses metadata that patches have made too large', async () => {
    await create({ metadata: JSON.stringify({ a: 'x'.repeat(40_000) }) });
    const patched = update({ metadataPatch: JSON.stringify({ b: 'x'.repeat(40_000) }) });
    await expect(patched).rejects.toMatchObject({ kind: 'invalid_params', data: { errors: [{ path: '/metadata' }] } });
    expect(await get()).toMatchObject({ version: 1 });
  });

  it('replaces all items, system ones too, and goes on counting their ids', async () => {
    await create({ items: [item('rules', 5, 'system'), item('old', 5)] });
    expect(await update({ isReplacement: true, items: [item('new', 2)] })).toMatchObject({ item_count: 1, current_tokens: 2 });
    expect((await get()).items).toMatchObject([{ id: 'i3', content: 'new' }]);
    expect(await update({ isReplacement: true })).toMatchObject({ item_count: 0, current_tokens: 0 });
    expect((await get()).items).toEqual([]);
    await sweepAll();
    expect(count('context_item')).toBe(0);
    expect(count('context_trash')).toBe(0);
  });
});

describe('max_tokens', () => {
  it('with reject refuses what would exceed it, and says both numbers', async () => {
    await create({ maxTokens: 10, items: [item('a', 6)] });
    await expect(append(item('b', 5))).rejects.toMatchObject({ kind: 'context_too_large', data: { max_tokens: 10, tokens: 11 } });
    expect(await append(item('c', 4))).toMatchObject({ current_tokens: 10, version: 2 });
    await expect(create({ id: 'c2', maxTokens: 1, items: [item('a', 2)] })).rejects.toMatchObject({ kind: 'context_too_large' });
    await expect(store.get('acme', 'c2', 1)).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('is what one change may bring at most, with reject only', async () => {
    await create({ maxTokens: 10 });
    await create({ id: 'c2', maxTokens: 10, truncation: 'oldest_first' });
    expect(store.ceiling('acme', 'c1')).toBe(10);
    expect(store.ceiling('acme', 'c2')).toBe(Infinity);
    expect(store.ceiling('globex', 'c1'), 'one that is not there, or not yet').toBe(Infinity);
  });

  it('with oldest_first makes room by the oldest items that are not system, and says how many went', async () => {
    await create({
      truncation: 'oldest_first',
      maxTokens: 10,
      items: [item('rules', 2, 'system'), item('a', 3), item('b', 3), item('c', 2)],
    });
    expect(await append(item('d', 1))).toMatchObject({ current_tokens: 8, item_count: 4, truncated: 1 });
    expect(contents((await get()).items)).toEqual(['rules', 'b', 'c', 'd']);
    const calm = await append(item('e', 2));
    expect(calm).not.toHaveProperty('truncated');
    expect(await append(item('f', 5))).toMatchObject({ current_tokens: 10, item_count: 4, truncated: 2 });
    expect(contents((await get()).items)).toEqual(['rules', 'd', 'e', 'f']);
    expect(contents((await get(2)).items)).toEqual(['e', 'f']);
    expect(contents((await get(2, 4)).items)).toEqual(['rules']);
  });

  it('with oldest_first drops the oldest of the new items, when they are too many by themselves', async () => {
    await create({ truncation: 'oldest_first', maxTokens: 10, items: [item('old', 5)] });
    const changed = await append(item('a', 4), item('rules', 3, 'system'), item('b', 4), item('c', 3));
    expect(changed).toMatchObject({ current_tokens: 10, item_count: 3, truncated: 2 });
    expect(contents((await get()).items)).toEqual(['rules', 'b', 'c']);
  });

  it('with oldest_first refuses a newest item that cannot fit, and keeps the old ones', async () => {
    await create({ truncation: 'oldest_first', maxTokens: 10, items: [item('rules', 4, 'system'), item('a', 5)] });
    await expect(append(item('b', 7))).rejects.toMatchObject({ kind: 'context_too_large', data: { max_tokens: 10, tokens: 11 } });
    expect(contents((await get()).items)).toEqual(['rules', 'a']);
    expect(count('context_trash')).toBe(0);
  });

  it('holds after any changes: the counts are those of the live items, before and after sweeping', async () => {
    let seed = 7;
    const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    await create({ truncation: 'oldest_first', maxTokens: 50 });
    for (let i = 0; i < 150; i++) {
      const items = Array.from({ length: random(4) }, () => item(`word${random(9)}`, 1 + random(12), random(8) === 0 ? 'system' : 'user'));
      await update({ items, isReplacement: random(10) === 0 }).catch((error: { kind: string }) =>
        expect(error.kind).toBe('context_too_large'),
      );
      if (random(5) === 0) await store.sweep();
      const { items: live, item_count, current_tokens } = await get();
      expect(live).toHaveLength(item_count);
      expect(live.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(current_tokens);
      const found = await store.search(acme, 'word*', 200);
      expect(new Set(found.map(({ item_id }) => item_id))).toEqual(new Set(live.map(({ id }) => id)));
    }
    await sweepAll();
    expect(count('context_item')).toBe((await get()).item_count);
  });
});

describe('delete', () => {
  it('takes the context away at once, publishes it, and leaves nothing after a sweep', async () => {
    await create({ items: [item('findme')] });
    expect(await remove()).toEqual({ deleted: true });
    await expect(get()).rejects.toMatchObject({ kind: 'not_found' });
    await expect(store.delete(acme, 'c1')).rejects.toMatchObject({ kind: 'not_found' });
    expect(await store.search(acme, 'findme', 10)).toEqual([]);
    expect(events.at(-1)).toMatchObject({ event: 'context.deleted', data: '{"context_id":"c1","version":1,"agent_id":"key:1"}' });
    await sweepAll();
    expect([count('context_item'), count('context_trash')]).toEqual([0, 0]);
  });

  it('for a stale version is a conflict', async () => {
    await create();
    await append(item('one'));
    await expect(store.delete(acme, 'c1', 1)).rejects.toMatchObject({ kind: 'conflict', data: { current_version: 2 } });
    expect(await remove(2)).toEqual({ deleted: true });
  });

  it('leaves the id free, and the new context without the old items', async () => {
    await create({ items: [item('old')] });
    await store.delete(acme, 'c1');
    await create({ items: [item('new')] });
    expect(contents((await get()).items)).toEqual(['new']);
    await sweepAll();
    expect(contents((await get()).items)).toEqual(['new']);
  });

  it('of a context of many items is removed in steps', async () => {
    for (let i = 0; i < 5; i++) await (i === 0 ? create({ maxTokens: 10_000 }) : append(...Array.from({ length: 150 }, () => item('x'))));
    await store.delete(acme, 'c1');
    expect(await store.sweep()).toBe(true);
    expect(count('context_item')).toBe(400);
    expect(await sweepAll()).toBeGreaterThan(2);
    expect(count('context_item')).toBe(0);
  });
});

describe('expiry', () => {
  it('is a not found at once, everywhere', async () => {
    await create({ ttlMs: 1_000, items: [item('findme')] });
    now += 999;
    expect(await get()).toMatchObject({ id: 'c1' });
    now += 1;
    await expect(get()).rejects.toMatchObject({ kind: 'not_found' });
    await expect(append(item('late'))).rejects.toMatchObject({ kind: 'not_found' });
    await expect(store.delete(acme, 'c1')).rejects.toMatchObject({ kind: 'not_found' });
    expect(await store.search(acme, 'findme', 10)).toEqual([]);
    expect(await answered(store.list(acme, { order: 'name', limit: 10 }))).toEqual({ contexts: [] });
  });

  it('is swept with an event, in bounded steps', async () => {
    for (let i = 0; i < 60; i++) await create({ id: `c${i}`, ttlMs: 1_000 });
    await create({ id: 'stays' });
    events = [];
    now += 1_000;
    await store.sweep();
    expect(events).toHaveLength(50);
    await sweepAll();
    expect(events).toHaveLength(60);
    expect(new Set(events.map(({ event }) => event))).toEqual(new Set(['context.deleted']));
    expect(count('context')).toBe(1);
  });

  it('leaves the id free before it is swept', async () => {
    await create({ ttlMs: 1_000, items: [item('old')] });
    now += 1_000;
    events = [];
    expect(await create({ items: [item('new')] })).toMatchObject({ version: 1, item_count: 1 });
    expect(events.map(({ event }) => event)).toEqual(['context.deleted', 'context.created']);
    await sweepAll();
    expect(contents((await get()).items)).toEqual(['new']);
  });
});

/** A millisecond passes at each look at the time. */
async function atMsALook(work: () => Promise<void>): Promise<void> {
  let nowMs = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => nowMs++);
  try {
    await work();
  } finally {
    clock.mockRestore();
  }
}

describe('list', () => {
  const list = (order: ContextOrder, given: { agent?: string; namePrefix?: string; limit?: number; cursor?: string } = {}) =>
    answered(store.list(acme, { order, limit: 10, ...given }));
  const ids = async (...args: Parameters<typeof list>) => (await list(...args)).contexts.map(({ id }) => id);

  beforeEach(async () => {
    for (const [id, name, agent] of [
      ['a', 'build 100%', 'key:1'],
      ['b', 'Build log', 'key:2'],
      ['c', 'build_x', 'key:1'],
      ['d', 'build', 'key:1'],
    ] as const) {
      now += 1;
      await create({ id, name, items: [item('x')] }, { tenant: 'acme', agent });
    }
    now += 1;
    await update({ name: 'build 100%' }, acme, 'a');
    await create({ id: 'theirs' }, other);
  });

  it('shows the tenant’s contexts without items', async () => {
    const { contexts } = await list('created_at', { limit: 1 });
    expect(contexts[0]).toMatchObject({ id: 'd', tenant_id: 'acme', item_count: 1 });
    expect(contexts[0]).not.toHaveProperty('items');
  });

  it.each([
    ['created_at', 'dcba'],
    ['created_at:asc', 'abcd'],
    ['created_at:desc', 'dcba'],
    ['updated_at', 'adcb'],
    ['updated_at:asc', 'bcda'],
    ['name', 'bdac'],
    ['name:desc', 'cadb'],
  ] as const)('orders by %s', async (order, expected) => {
    expect((await ids(order)).join('')).toBe(expected);
    const paged = [];
    let cursor: string | undefined;
    do {
      const page = await list(order, { limit: 1, ...(cursor && { cursor }) });
      paged.push(...page.contexts.map(({ id }) => id));
      cursor = page.next_cursor;
    } while (cursor);
    expect(paged.join('')).toBe(expected);
  });

  it('filters by agent and by the beginning of the name, in which no sign is special', async () => {
    expect(await ids('name', { agent: 'key:1' })).toEqual(['d', 'a', 'c']);
    expect(await ids('name', { namePrefix: 'build' })).toEqual(['d', 'a', 'c']);
    expect(await ids('name', { namePrefix: 'build_' })).toEqual(['c']);
    expect(await ids('name', { namePrefix: '%' })).toEqual([]);
    expect(await ids('created_at', { namePrefix: 'B', agent: 'key:2' })).toEqual(['b']);
  });

  it('pages over contexts of one moment without losing or repeating any', async () => {
    for (let i = 0; i < 25; i++) await create({ id: `same${i}`, name: 'same' });
    for (const order of ['created_at', 'name', 'updated_at:asc'] as const) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await list(order, { limit: 4, ...(cursor && { cursor }) });
        seen.push(...page.contexts.map(({ id }) => id));
        cursor = page.next_cursor;
      } while (cursor);
      expect(seen).toHaveLength(29);
      expect(new Set(seen).size).toBe(29);
    }
  });

  it('ends a page early where metadata is very large, and goes on with the cursor', async () => {
    for (let i = 0; i < 40; i++) await create({ id: `large${i}`, name: 'large', metadata: JSON.stringify({ a: 'x'.repeat(65_000) }) });
    const first = await list('name', { namePrefix: 'large', limit: 100 });
    expect(first.contexts).toHaveLength(32);
    const second = await list('name', { namePrefix: 'large', limit: 100, cursor: first.next_cursor! });
    expect(second.contexts).toHaveLength(8);
    expect(second).not.toHaveProperty('next_cursor');
  });

  it('looks at few where few of very many are what is asked for, whatever the order', async () => {
    for (let i = 0; i < 600; i++) await create({ id: `many${i}`, name: `many ${i}` }, { tenant: 'acme', agent: 'key:9' });
    await atMsALook(async () => {
      for (const order of CONTEXT_ORDERS) {
        expect(await ids(order, { namePrefix: 'x' }), order).toEqual([]);
        expect(await ids(order, { namePrefix: 'many 599' }), order).toEqual(['many599']);
        expect(await ids(order, { agent: 'nobody' }), order).toEqual([]);
        expect(await ids(order, { agent: 'key:2' }), order).toEqual(['b']);
        expect(await ids(order, { agent: 'key:1', namePrefix: 'build_' }), order).toEqual(['c']);
        expect(await ids(order, { limit: 400 })).toHaveLength(400);
      }
      expect(await ids('created_at', { namePrefix: 'build' })).toEqual(['d', 'c', 'a']);
      expect(await ids('updated_at', { agent: 'key:1' })).toEqual(['a', 'd', 'c']);
    });
  });

  it('takes no longer than it may', async () => {
    for (let i = 0; i < 600; i++) await create({ id: `many${i}`, name: `many ${i}` });
    await atMsALook(async () => {
      const refusal = { kind: 'timed_out', message: expect.stringMatching(/^would take longer than 500 ms: order by name where/) };
      for (const order of CONTEXT_ORDERS.filter((name) => !name.startsWith('name')))
        await expect(list(order, { namePrefix: 'many' }), order).rejects.toMatchObject(refusal);
      // As the refusal says.
      expect(await ids('name', { namePrefix: 'many' })).toHaveLength(10);
    });
  });

  it('goes along the order where more than a few fit', async () => {
    db.writer.exec(`
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5001)
      INSERT INTO context (tenant, id, name, agent, version, item_count, current_tokens, max_tokens, truncation, next_position,
        evicted_before, replaced_before, created_at, updated_at, expires_at, metadata, packed)
      SELECT tenant, 'copy' || i, 'copy ' || i, 'key:9', 1, 0, 0, 9, 'reject', 1, 1, 1, created_at + i, updated_at + i, NULL, '{}', packed
        FROM context, n WHERE id = 'a'`);
    await atMsALook(async () => {
      for (const query of [{ order: 'created_at', namePrefix: 'copy' } as const, { order: 'updated_at', agent: 'key:9' } as const]) {
        const { contexts } = (await store.list(acme, { ...query, limit: 2 })).toJSON();
        expect(contexts.map(({ id }) => id)).toEqual(['copy5001', 'copy5000']);
      }
    });
  });

  it.each(['', 'x', '!!!', Buffer.from('[]').toString('base64url'), Buffer.from('["name","asc","x","y"]').toString('base64url')])(
    'refuses the cursor %j',
    async (cursor) => {
      await expect(list('name', { cursor })).rejects.toMatchObject({ kind: 'invalid_params', data: { errors: [{ path: '/cursor' }] } });
    },
  );

  it('refuses the cursor of another order', async () => {
    const { next_cursor: cursor } = await list('name', { limit: 1 });
    await expect(list('created_at', { cursor: cursor! })).rejects.toMatchObject({ kind: 'invalid_params' });
  });
});

describe('search', () => {
  const search = (query: string, tenant = 'acme') => store.search({ tenant }, query, 20);
  const found = async (query: string) => (await search(query)).map(({ item_id }) => item_id);

  beforeEach(async () => {
    await create({
      items: [
        item('The deployment of the billing service failed on Friday', 1, 'assistant'),
        item('billing billing billing'),
        item('Le déploiement a échoué'),
        item('漢字 テスト'),
        item('path src/context-store.ts:42'),
      ],
    });
    await create({ items: [item('their billing secret')] }, other);
  });

  it('finds items by all of the words, whatever their case, accents and endings, best first', async () => {
    expect(await search('BILLING Deployments')).toEqual([
      { context_id: 'c1', item_id: 'i1', role: 'assistant', snippet: 'The deployment of the billing service failed on Friday', score: 1 },
    ]);
    const matches = await search('billing');
    expect(matches.map(({ item_id }) => item_id)).toEqual(['i2', 'i1']);
    expect(matches[0]!.score).toBe(1);
    expect(matches[1]!.score).toBeGreaterThan(0);
    expect(matches[1]!.score).toBeLessThan(1);
    expect(await found('deploiement echoue')).toEqual(['i3']);
    expect(await found('漢字')).toEqual(['i4']);
  });

  it('knows phrases and beginnings', async () => {
    expect(await found('"billing service"')).toEqual(['i1']);
    expect(await found('"service billing"')).toEqual([]);
    expect(await found('dep* fri*')).toEqual(['i1']);
    expect(await found('context-store.ts')).toEqual(['i5']);
  });

  it('finds nothing of another tenant', async () => {
    expect(await search('secret')).toEqual([]);
    expect(await search('secret', 'other')).toHaveLength(1);
    expect(await search('billing', 'nobody')).toEqual([]);
  });

  it.each([
    'billing AND',
    'billing" OR',
    'NEAR(billing',
    'owner:billing',
    '-billing',
    '(billing',
    'billing*',
    '^billing',
    'billing \u0000',
    '"" billing',
    '{billing} + *',
    `billing ' "`,
  ])('takes %j as words', async (query) => {
    await expect(search(query)).resolves.toBeInstanceOf(Array);
  });

  it.each(['', '   ', '!?', '""', '\u0301', '* * *'])('refuses %j, which has no word', async (query) => {
    await expect(search(query)).rejects.toMatchObject({ kind: 'invalid_params', data: { errors: [{ path: '/query' }] } });
  });

  it('refuses more than 32 words', async () => {
    await expect(search('a '.repeat(33))).rejects.toMatchObject({ kind: 'invalid_params' });
    expect(await search('zebra '.repeat(32))).toEqual([]);
  });

  it('takes words that come again as one, in phrases too', async () => {
    expect(contextSearch('acme', 'Bill bill "bill it" BILL* "Bill it" it')).toMatchObject({
      allWords: expect.stringMatching(/content : \("bill" AND "it" AND "bill" \*\)$/),
      phrases: '"bill it"',
      words: [{ word: 'bill' }, { word: 'it' }, { word: 'bill', isPrefix: true }],
    });
    expect(await found('billing billing BILLING')).toEqual(await found('billing'));
  });

  it('knows phrases that end in a beginning, and several of them', async () => {
    expect(await found('src/context-st*')).toEqual(['i5']);
    expect(await found('context-so*')).toEqual([]);
    expect(await found('"billing service" "on friday"')).toEqual(['i1']);
    expect(await found('"billing service" "friday on"')).toEqual([]);
  });

  it('looks through many items for a phrase, and finds those that have it', async () => {
    for (let i = 0; i < 3; i++) {
      await create({
        id: `many${i}`,
        maxTokens: 10_000,
        items: Array.from({ length: 50 }, (_, at) => item(at % 2 === 0 ? 'red green' : 'green red')),
      });
    }
    expect(await store.search(acme, '"red green"', 100)).toHaveLength(75);
  });

  it('does not look for the words that begin so where they are too many, and says what to do', async () => {
    const large = item('ab '.repeat(349_000));
    for (let i = 0; i < 6; i++) await create({ id: `large${i}`, items: [large] });
    await expect(search('a*')).rejects.toMatchObject({
      kind: 'timed_out',
      message: 'too much begins with a: give more letters before "*"',
    });
    expect(await search('ab')).toHaveLength(6);
    expect(await found('bill*')).toEqual(['i2', 'i1']);
  });

  it('takes no longer than it may, what is shown of the best matches included', async () => {
    await create({ id: 'many', maxTokens: 1_000, items: Array.from({ length: 220 }, () => item('needle')) });
    await atMsALook(async () => {
      // Each match is looked at twice, and once more where it is shown.
      expect(await store.search(acme, 'needle', 20)).toHaveLength(20);
      await expect(store.search(acme, 'needle', 100)).rejects.toMatchObject({ kind: 'timed_out' });
    });
  });

  it('shows the words around the match of a long item', async () => {
    await append(item(`${'lorem ipsum '.repeat(500)}needle${' dolor sit'.repeat(500)}`));
    const [match] = await search('needle');
    expect(match!.snippet).toMatch(/^….*needle.*…$/);
    expect(match!.snippet.length).toBeLessThan(300);
  });
});

describe('a claim', () => {
  const once = () => ({ principalId: 'key:1', method: 'context.update', key: 'k1', paramsHash: 'h', recorded: false });
  const recorded = () => db.prepare('SELECT principal, method, key, params_hash, answer FROM recorded_answer').all();

  it('is recorded with its answer in the transaction of the change', async () => {
    const claim = once();
    const created = await create({ items: [item('x')] }, { ...acme, once: claim } as typeof acme);
    expect(claim.recorded).toBe(true);
    expect(recorded()).toMatchObject([{ principal: 'key:1', method: 'context.update', key: 'k1', params_hash: 'h' }]);
    expect(JSON.parse(recorded()[0]!['answer'] as string)).toEqual(created);
  });

  it('is not recorded when the change fails', async () => {
    const claim = once();
    await expect(update({ name: 'x' }, { ...acme, once: claim } as typeof acme)).rejects.toMatchObject({ kind: 'not_found' });
    expect(claim.recorded).toBe(false);
    expect(recorded()).toEqual([]);
  });
});

it('makes nothing of a change whose group cannot be committed', async () => {
  await create();
  const { page_count } = db.writer.prepare('PRAGMA page_count').get() as { page_count: number };
  db.writer.exec(`PRAGMA max_page_count = ${page_count + 1}`);
  await expect(append(item('x'.repeat(200_000)))).rejects.toMatchObject({ kind: 'unavailable' });
  expect(await get()).toMatchObject({ version: 1, item_count: 0 });
  db.writer.exec('PRAGMA max_page_count = 1000000');
  expect(await append(item('x'.repeat(200_000)))).toMatchObject({ version: 2, item_count: 1 });
});
