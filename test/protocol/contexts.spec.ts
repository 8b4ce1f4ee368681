// PROTOCOL.md §5, contexts: versions, items, tokens, truncation, expiry, search, lists, and that each tenant has its own.
// That an answered change outlives kill -9: test/faults/storage.spec.ts.
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../support/deadline.js';
import { createKey } from '../support/keys.js';
import { ENCODINGS, type Encoding } from '../support/message.js';
import { startServer, type TestServer } from '../support/start-server.js';
import type { TestClient } from '../support/test-client.js';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

let server: TestServer;
beforeAll(async () => {
  server = await startServer({
    config: { websocket: { rate_limit: { enabled: false } }, contexts: { max_tokens: 100_000, sweep_interval: '100ms' } },
  });
});

let tenants = 0;
/** A client of a tenant of the test's own. */
async function alone(encoding: Encoding, tenant = `contexts-${encoding}-${++tenants}`): Promise<TestClient> {
  const { key } = await createKey(server, { tenant });
  return server.client({ key, encoding });
}

interface Item {
  readonly id: string;
  readonly role: string;
  readonly content: string;
  readonly tokens: number;
}

const contentsOf = ({ items }: { items: Item[] }): string[] => items.map(({ content }) => content);
const numbered = (count: number): { role: string; content: string }[] =>
  Array.from({ length: count }, (_, i) => ({ role: 'user', content: `item ${i}` }));

describe.each(ENCODINGS)('context.create in %s', (encoding) => {
  it('answers with the context, its first version', async () => {
    const { key, id: keyId } = await createKey(server, { tenant: 'shape' });
    const client = await server.client({ key, encoding });
    const created = await client.call('context.create', { name: 'Plan', content: 'Hello, world', metadata: { a: [1, null, 'x'] } });
    expect(created).toEqual({
      id: expect.stringMatching(/^[A-Za-z0-9_.:-]{1,128}$/),
      name: 'Plan',
      tenant_id: 'shape',
      agent_id: `key:${keyId}`,
      version: 1,
      metadata: { a: [1, null, 'x'] },
      items: [
        {
          id: expect.any(String),
          role: 'user',
          content: 'Hello, world',
          tokens: countTokens('Hello, world'),
          created_at: expect.stringMatching(TIME),
        },
      ],
      item_count: 1,
      current_tokens: countTokens('Hello, world'),
      max_tokens: 100_000,
      truncation: 'reject',
      created_at: expect.stringMatching(TIME),
      updated_at: expect.stringMatching(TIME),
    });
    expect(await client.call('context.get', { context_id: created.id })).toEqual(created);
  });

  it('items have one of four roles, and metadata of their own', async () => {
    const client = await alone(encoding);
    const content = ['system', 'user', 'assistant', 'tool'].map((role, n) => ({ role, content: `as ${role}`, metadata: { n } }));
    const { items, item_count: count } = await client.call('context.create', { name: 'roles', content });
    expect(items).toMatchObject(content);
    expect(count).toBe(4);
    const { error } = await client.request('context.create', { name: 'x', content: [{ role: 'god', content: 'x' }] });
    expect(error).toMatchObject({ code: 4005, data: { errors: [{ path: '/content/0/role' }] } });
  });

  it('an id that is taken is 4008; one of its own choosing is kept', async () => {
    const client = await alone(encoding);
    expect((await client.call('context.create', { id: 'my:ctx_1.a-b', name: 'x' })).id).toBe('my:ctx_1.a-b');
    expect((await client.request('context.create', { id: 'my:ctx_1.a-b', name: 'y' })).error).toMatchObject({ code: 4008 });
    expect((await client.call('context.get', { id: 'my:ctx_1.a-b' })).name).toBe('x');
  });

  it.each([
    ['an empty name', { name: '' }, '/name'],
    ['no name', {}, ''],
    ['a name of 257 characters', { name: 'x'.repeat(257) }, '/name'],
    ['NUL in the name', { name: 'a\u0000b' }, '/name'],
    ['a line feed in the name', { name: 'a\nb' }, '/name'],
    ['NUL in the id', { name: 'x', id: 'a\u0000' }, '/id'],
    ['a slash in the id', { name: 'x', id: '../x' }, '/id'],
    ['an id of 129 characters', { name: 'x', id: 'i'.repeat(129) }, '/id'],
    ['a huge max_tokens', { name: 'x', max_tokens: 1e308 }, '/max_tokens'],
    ['max_tokens over the server’s', { name: 'x', max_tokens: 100_001 }, '/max_tokens'],
    ['max_tokens of 0', { name: 'x', max_tokens: 0 }, '/max_tokens'],
    ['a part of a token', { name: 'x', max_tokens: 1.5 }, '/max_tokens'],
    ['a ttl of 0', { name: 'x', ttl_seconds: 0 }, '/ttl_seconds'],
    ['a huge ttl', { name: 'x', ttl_seconds: 1e300 }, '/ttl_seconds'],
    ['an unknown truncation', { name: 'x', truncation: 'newest_first' }, '/truncation'],
    ['metadata that is a list', { name: 'x', metadata: [1] }, '/metadata'],
    ['metadata of 33 levels', { name: 'x', metadata: deep(33) }, '/metadata/a/a/a'],
    ['metadata over 64 KB', { name: 'x', metadata: { a: 'x'.repeat(65_536) } }, '/metadata'],
    ['content that is a number', { name: 'x', content: 5 }, '/content'],
    ['an item with an unknown member', { name: 'x', content: [{ role: 'user', content: 'x', tokens: 0 }] }, '/content/0/tokens'],
    ['an unknown member', { name: 'x', tenant_id: 'other' }, '/tenant_id'],
  ])('%s is 4005, naming the path', async (_, params, path) => {
    const client = await alone(encoding);
    const { error } = await client.request('context.create', params);
    expect(error).toMatchObject({ code: 4005 });
    expect((error?.data as { errors: { path: string }[] }).errors[0]?.path.startsWith(path)).toBe(true);
    expect((await client.call('context.list')).contexts).toEqual([]);
  });

  it('whatever text there is comes back as it was', async () => {
    const client = await alone(encoding);
    const content = 'NUL \u0000, quotes "\'`, 日本語, 👩‍👩‍👧, \u2028, \uFFFF, \\u0000, </script>, %00, \u202Egnol';
    const metadata = { 'k\u0000': '\u0000', '': 'empty', 'a/b~c': 1e-300, big: 1.7976931348623157e308, whole: 9_007_199_254_740_991 };
    const { id } = await client.call('context.create', { name: '🌍 "name"', content, metadata });
    expect(await client.call('context.get', { context_id: id })).toMatchObject({ name: '🌍 "name"', metadata, items: [{ content }] });
    expect((await client.call('context.search', { query: '日本語' })).matches).toMatchObject([{ context_id: id }]);
  });
});

function deep(levels: number): object {
  let value: object = {};
  for (let i = 1; i < levels; i++) value = { a: value };
  return value;
}

describe('lone surrogates', () => {
  it.each([
    ['content', '"name":"x","content":"a\\ud800b"', '/content'],
    ['an item', '"name":"x","content":[{"role":"user","content":"\\udc00"}]', '/content/0/content'],
    ['a name', '"name":"\\ud83d"', '/name'],
    ['metadata', '"name":"x","metadata":{"a":["\\ud800"]}', '/metadata/a/0'],
    ['a key of metadata', '"name":"x","metadata":{"\\ud800":1}', '/metadata/'],
    ['metadata of an item', '"name":"x","content":[{"role":"user","content":"x","metadata":{"a":"\\udfff"}}]', '/content/0/metadata/a'],
  ])('in %s are 4005, for they are no characters', async (_, members, path) => {
    const client = await alone('json');
    const answer = client.answerTo('lone');
    client.send(`{"id":"lone","type":0,"method":"context.create","params":{${members}}}`);
    const { error } = await answer;
    expect(error).toMatchObject({ code: 4005, data: { errors: [{ path: expect.stringContaining(path) }] } });
    await client.call('context.list');
  });
});

describe.each(ENCODINGS)('context.update in %s', (encoding) => {
  it('every change is one version more, and is answered without items', async () => {
    const client = await alone(encoding);
    const { id: context_id } = await client.call('context.create', { name: 'a', content: 'one' });
    const changes = [
      { content: 'two' },
      { content: numbered(2) },
      { name: 'b' },
      { metadata: { x: 1 } },
      { content: 'last', name: 'c', metadata: { y: 2 } },
    ];
    for (const [i, change] of changes.entries()) {
      const answer = await client.call('context.update', { context_id, ...change });
      expect(answer.version).toBe(i + 2);
      expect(answer).not.toHaveProperty('items');
    }
    const context = await client.call('context.get', { context_id });
    expect(context).toMatchObject({ version: 6, name: 'c', metadata: { x: 1, y: 2 }, item_count: 5 });
    expect(contentsOf(context)).toEqual(['one', 'two', 'item 0', 'item 1', 'last']);
    expect(context.current_tokens).toBe(context.items.reduce((sum: number, { tokens }: Item) => sum + tokens, 0));
    expect(Date.parse(context.updated_at)).toBeGreaterThanOrEqual(Date.parse(context.created_at));
  });

  it('a stale version is 4008 with the current one, and nothing is changed', async () => {
    const client = await alone(encoding);
    const { id } = await client.call('context.create', { name: 'a' });
    await client.call('context.update', { id, version: 1, content: 'x' });
    for (const version of [1, 3, 9_007_199_254_740_991, 1e308]) {
      expect((await client.request('context.update', { id, version, content: 'lost' })).error).toMatchObject({
        code: 4008,
        data: { current_version: 2 },
      });
    }
    expect(await client.call('context.get', { id })).toMatchObject({ version: 2, item_count: 1 });
  });

  it('of many changes made for one version at once, one is made', async () => {
    const client = await alone(encoding);
    const { id } = await client.call('context.create', { name: 'race' });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => client.request('context.update', { id, version: 1, content: String(n) })),
    );
    expect(answers.filter(({ error }) => error === undefined)).toHaveLength(1);
    expect(answers.filter(({ error }) => error?.code === 4008)).toHaveLength(19);
    expect(await client.call('context.get', { id })).toMatchObject({ version: 2, item_count: 1 });
  });

  it('many appends without a version are all made, each once', async () => {
    const client = await alone(encoding);
    const { id } = await client.call('context.create', { name: 'many' });
    await Promise.all(Array.from({ length: 50 }, (_, n) => client.call('context.update', { id, content: String(n) })));
    const context = await client.call('context.get', { id });
    expect(context.version).toBe(51);
    expect(new Set(contentsOf(context)).size).toBe(50);
    expect(new Set(context.items.map((item: Item) => item.id)).size).toBe(50);
  });

  it('replace takes the place of all items; their ids are not used again', async () => {
    const client = await alone(encoding);
    const { id, items } = await client.call('context.create', { name: 'a', content: numbered(3) });
    expect(await client.call('context.update', { id, replace: [{ role: 'system', content: 'anew' }], content: 'and more' })).toMatchObject({
      item_count: 2,
    });
    const after = await client.call('context.get', { id });
    expect(contentsOf(after)).toEqual(['anew', 'and more']);
    expect(after.items.filter((item: Item) => items.some((old: Item) => old.id === item.id))).toEqual([]);
    expect(await client.call('context.update', { id, replace: [] })).toMatchObject({ item_count: 0, current_tokens: 0 });
    expect((await client.call('context.search', { query: 'anew' })).matches).toEqual([]);
  });

  it('metadata is a JSON Merge Patch: null removes, objects merge, all else is replaced', async () => {
    const client = await alone(encoding);
    const { id } = await client.call('context.create', {
      name: 'a',
      metadata: { keep: 1, drop: 2, nested: { a: 1, b: { c: 2 } }, list: [1, 2] },
    });
    const patch = { drop: null, nested: { a: null, b: { d: 3 } }, list: [{ x: null }], fresh: { y: null, z: 0 }, never: null };
    expect((await client.call('context.update', { id, metadata: patch })).metadata).toEqual({
      keep: 1,
      nested: { b: { c: 2, d: 3 } },
      list: [{ x: null }],
      fresh: { z: 0 },
    });
  });

  it('__proto__ and constructor are members like others, and reach no prototype', async () => {
    const client = await alone(encoding);
    const { id } = await client.call('context.create', { name: 'a' });
    const text = '{"__proto__":{"polluted":{"deep":1}},"constructor":{"prototype":{"polluted":1}},"a":{"__proto__":[1]}}';
    for (let time = 0; time < 2; time++) await client.call('context.update', { id, metadata: JSON.parse(text) as object });
    const { metadata } = await client.call('context.get', { id });
    expect(JSON.parse(JSON.stringify(metadata))).toEqual(JSON.parse(text));
    const other = await client.call('context.create', { name: 'b' });
    expect(other.metadata).toEqual({});
    expect(Object.keys((await client.call('context.update', { id: other.id, metadata: { x: {} } })).metadata)).toEqual(['x']);
    await client.call('context.update', { id, metadata: JSON.parse('{"__proto__":null,"constructor":null,"a":null}') as object });
    expect((await client.call('context.get', { id })).metadata).toEqual({});
  });

  it('metadata that grows past 64 KB by patches is 4005, and nothing is changed', async () => {
    const client = await alone(encoding);
    const { id } = await client.call('context.create', { name: 'a', metadata: { a: 'x'.repeat(40_000) } });
    expect((await client.request('context.update', { id, metadata: { b: 'x'.repeat(40_000) } })).error).toMatchObject({ code: 4005 });
    expect(await client.call('context.get', { id })).toMatchObject({ version: 1, metadata: { a: 'x'.repeat(40_000) } });
  });

  it('with nothing to change is 4005', async () => {
    const client = await alone(encoding);
    const { id } = await client.call('context.create', { name: 'a' });
    expect((await client.request('context.update', { id, version: 1 })).error).toMatchObject({ code: 4005 });
  });
});

describe.each(ENCODINGS)('context.get in %s', (encoding) => {
  it('gives the newest limit items, oldest of them first, and with before the ones before', async () => {
    const client = await alone(encoding);
    const { id } = await client.call('context.create', { name: 'long', content: numbered(450) });
    const newest = await client.call('context.get', { id });
    expect(contentsOf(newest)).toEqual(
      numbered(450)
        .slice(-200)
        .map(({ content }) => content),
    );
    expect(newest.item_count).toBe(450);
    const read: string[] = [];
    for (let before: string | undefined; ;) {
      const { items } = await client.call('context.get', { id, limit: 100, before });
      if (items.length === 0) break;
      read.unshift(...contentsOf({ items }));
      before = items[0].id;
    }
    expect(read).toEqual(numbered(450).map(({ content }) => content));
    expect((await client.call('context.get', { id, limit: 0 })).items).toEqual([]);
  });

  it('a before that is no item’s id, and a limit out of bounds, are 4005', async () => {
    const client = await alone(encoding);
    const { id } = await client.call('context.create', { name: 'x', content: 'x' });
    for (const wrong of [{ before: 'x' }, { before: '' }, { before: `i${'9'.repeat(40)}` }, { limit: -1 }, { limit: 1e9 }, { limit: 1.5 }])
      expect((await client.request('context.get', { id, ...wrong })).error, JSON.stringify(wrong)).toMatchObject({ code: 4005 });
  });
});

describe.each(ENCODINGS)('tokens and truncation in %s', (encoding) => {
  it('tokens are counted by a real tokenizer, of short texts and of long ones', async () => {
    const client = await alone(encoding);
    const texts = ['a', 'The quick brown fox', 'Größenwahn 日本語 🌍', 'word '.repeat(20_000), '<|endoftext|>'];
    const { items, current_tokens: total } = await client.call('context.create', {
      name: 'tokens',
      content: texts.map((content) => ({ role: 'user', content })),
    });
    const expected = texts.map((text) => countTokens(text, { allowedSpecial: new Set(), disallowedSpecial: new Set() }));
    expect(items.map(({ tokens }: Item) => tokens)).toEqual(expected);
    expect(total).toBe(expected.reduce((sum, tokens) => sum + tokens));
  });

  it('past max_tokens, with reject, is 4007 with max_tokens and tokens, and nothing is changed', async () => {
    const client = await alone(encoding);
    const { id, current_tokens: before } = await client.call('context.create', { name: 'small', content: 'one two three', max_tokens: 5 });
    const { error } = await client.request('context.update', { id, content: 'four five six' });
    expect(error).toMatchObject({ code: 4007, data: { max_tokens: 5, tokens: before + countTokens('four five six') } });
    expect(await client.call('context.get', { id })).toMatchObject({ version: 1, item_count: 1 });
    const created = await client.request('context.create', { id: 'never', name: 'x', content: 'one two three', max_tokens: 1 });
    expect(created.error).toMatchObject({ code: 4007 });
    expect((await client.request('context.get', { id: 'never' })).error).toMatchObject({ code: 4009 });
  });

  it('of a long text that is past max_tokens, 4007 says how many tokens were counted until that was clear', async () => {
    const client = await alone(encoding);
    const long = 'four five six '.repeat(20_000);
    const { id } = await client.call('context.create', { name: 'small', content: 'one two three', max_tokens: 50 });
    const answers = [
      await client.request('context.update', { id, content: long }),
      await client.request('context.update', { id, replace: [{ role: 'user', content: long }] }),
      await client.request('context.create', { name: 'x', content: long, max_tokens: 50 }),
    ];
    for (const { error } of answers) {
      expect(error).toMatchObject({ code: 4007, data: { max_tokens: 50 } });
      const { tokens } = error?.data as { tokens: number };
      expect(tokens).toBeGreaterThan(50);
      expect(tokens).toBeLessThan(10_000);
    }
    expect(await client.call('context.get', { id })).toMatchObject({ version: 1, item_count: 1 });
    expect((await client.request('context.update', { id: 'nowhere', content: long })).error).toMatchObject({ code: 4009 });
  });

  it('of long texts that are past max_tokens together, with oldest_first, the newest stays', async () => {
    const client = await alone(encoding);
    const long = 'four five six '.repeat(2_000);
    const { id } = await client.call('context.create', { name: 'x', max_tokens: 7_000, truncation: 'oldest_first' });
    const content = [long, long, `${long} seven`].map((text) => ({ role: 'user', content: text }));
    expect(await client.call('context.update', { id, content })).toMatchObject({
      truncated: 2,
      current_tokens: countTokens(`${long} seven`),
    });
  });

  it('past max_tokens, with oldest_first, the oldest items that are not system go, and truncated says how many', async () => {
    const client = await alone(encoding);
    const item = (role: string, content: string): object => ({ role, content });
    const { id } = await client.call('context.create', {
      name: 'rolling',
      max_tokens: 6,
      truncation: 'oldest_first',
      content: [item('user', 'one'), item('system', 'rules'), item('user', 'two'), item('assistant', 'three'), item('user', 'four')],
    });
    expect(await client.call('context.update', { id, content: 'five' })).not.toHaveProperty('truncated');
    expect(await client.call('context.update', { id, content: [item('user', 'six'), item('tool', 'seven')] })).toMatchObject({
      truncated: 2,
      item_count: 6,
      current_tokens: 6,
    });
    expect(contentsOf(await client.call('context.get', { id }))).toEqual(['rules', 'three', 'four', 'five', 'six', 'seven']);
    expect((await client.call('context.search', { query: 'two' })).matches).toEqual([]);
    const all = await client.call('context.update', { id, content: 'one two three four five' });
    expect(all).toMatchObject({ truncated: 5, current_tokens: 6 });
    expect(contentsOf(await client.call('context.get', { id }))).toEqual(['rules', 'one two three four five']);
  });

  it('what can never fit is 4007 with oldest_first too', async () => {
    const client = await alone(encoding);
    const { id } = await client.call('context.create', { name: 'x', max_tokens: 3, truncation: 'oldest_first', content: 'one' });
    expect((await client.request('context.update', { id, content: 'one two three four' })).error).toMatchObject({
      code: 4007,
      data: { max_tokens: 3 },
    });
    expect(contentsOf(await client.call('context.get', { id }))).toEqual(['one']);
  });
});

describe.each(ENCODINGS)('ttl_seconds in %s', (encoding) => {
  it('an expired context is not found in any way, context.deleted tells of it, and its id is free', async () => {
    const client = await alone(encoding);
    await client.call('event.subscribe', { events: ['context.deleted'] });
    const { expires_at: expiresAt, created_at: createdAt } = await client.call('context.create', {
      id: 'brief',
      name: 'brief',
      content: 'ephemeral',
      ttl_seconds: 1,
    });
    expect(Date.parse(expiresAt) - Date.parse(createdAt)).toBe(1000);
    await client.call('context.get', { id: 'brief' });
    expect((await client.next('event')).params).toMatchObject({ event: 'context.deleted', data: { context_id: 'brief' } });
    for (const [method, params] of [
      ['context.get', {}],
      ['context.update', { content: 'x' }],
      ['context.delete', {}],
    ] as const)
      expect((await client.request(method, { id: 'brief', ...params })).error, method).toMatchObject({ code: 4009 });
    expect((await client.call('context.list')).contexts).toEqual([]);
    expect((await client.call('context.search', { query: 'ephemeral' })).matches).toEqual([]);
    expect(await client.call('context.create', { id: 'brief', name: 'again' })).toMatchObject({ version: 1, item_count: 0 });
  });
});

describe.each(ENCODINGS)('context.delete in %s', (encoding) => {
  it('answers deleted; the context and its items are not found any more', async () => {
    const client = await alone(encoding);
    const { id } = await client.call('context.create', { name: 'gone', content: 'vanishing' });
    expect((await client.request('context.delete', { id, version: 2 })).error).toMatchObject({ code: 4008, data: { current_version: 1 } });
    expect(await client.call('context.delete', { context_id: id, version: 1 })).toEqual({ deleted: true });
    for (const method of ['context.get', 'context.delete'])
      expect((await client.request(method, { id })).error).toMatchObject({ code: 4009 });
    expect((await client.call('context.search', { query: 'vanishing' })).matches).toEqual([]);
    expect((await client.call('context.list')).contexts).toEqual([]);
  });
});

describe.each(ENCODINGS)('context.list in %s', (encoding) => {
  const idsOf = ({ contexts }: { contexts: { id: string }[] }): string[] => contexts.map(({ id }) => id);

  it('shows contexts without items, newest first, a page at a time', async () => {
    const client = await alone(encoding);
    for (let n = 0; n < 7; n++) await client.call('context.create', { id: `c${n}`, name: `name ${n}`, content: 'x' });
    const all = await client.call('context.list');
    expect(idsOf(all)).toEqual(['c6', 'c5', 'c4', 'c3', 'c2', 'c1', 'c0']);
    for (const context of all.contexts) expect(context).not.toHaveProperty('items');
    const paged: string[] = [];
    for (let cursor: string | undefined, more = true; more;) {
      const page = await client.call('context.list', { limit: 3, cursor });
      paged.push(...idsOf(page));
      cursor = page.next_cursor;
      more = cursor !== undefined;
    }
    expect(paged).toEqual(idsOf(all));
  });

  it('order, name_prefix and agent_id choose which come and how', async () => {
    const tenant = `lists-${encoding}`;
    const { key, id: keyId } = await createKey(server, { tenant });
    const [one, two] = [await server.client({ key, encoding }), await alone(encoding, tenant)];
    for (const name of ['beta', 'al%ha', 'alpha', 'Alpha', 'al_pha'])
      await one.call('context.create', { id: name.replace('%', 'P'), name });
    await two.call('context.create', { id: 'theirs', name: 'alpine' });
    await one.call('context.update', { id: 'beta', content: 'touched' });
    expect(idsOf(await one.call('context.list', { order: 'name' }))).toEqual(['Alpha', 'alPha', 'al_pha', 'alpha', 'theirs', 'beta']);
    expect(idsOf(await one.call('context.list', { order: 'name:desc', limit: 2 }))).toEqual(['beta', 'theirs']);
    expect(idsOf(await one.call('context.list', { order: 'updated_at' }))[0]).toBe('beta');
    expect(idsOf(await one.call('context.list', { order: 'created_at:asc' }))[0]).toBe('beta');
    expect(idsOf(await one.call('context.list', { name_prefix: 'al', order: 'name' }))).toEqual(['alPha', 'al_pha', 'alpha', 'theirs']);
    expect(idsOf(await one.call('context.list', { name_prefix: 'al%' }))).toEqual(['alPha']);
    expect(idsOf(await one.call('context.list', { name_prefix: 'al_' }))).toEqual(['al_pha']);
    expect(idsOf(await two.call('context.list', { agent_id: `key:${keyId}`, name_prefix: 'b' }))).toEqual(['beta']);
    expect(idsOf(await one.call('context.list', { agent_id: 'key:nobody' }))).toEqual([]);
  });

  it('a cursor that is none, or of another order, and an unknown order are 4005', async () => {
    const client = await alone(encoding);
    for (let n = 0; n < 3; n++) await client.call('context.create', { name: `n${n}` });
    const { next_cursor: cursor } = await client.call('context.list', { limit: 1 });
    const wrong = [
      { cursor, order: 'name' },
      { cursor: 'x' },
      { cursor: Buffer.from('["created_at","desc",1e308,1]').toString('base64url') },
      { order: 'rowid' },
      { order: 'name; DROP TABLE context' },
      { limit: 0 },
      { limit: 201 },
    ];
    for (const params of wrong)
      expect((await client.request('context.list', params)).error, JSON.stringify(params)).toMatchObject({ code: 4005 });
  });
});

describe.each(ENCODINGS)('context.search in %s', (encoding) => {
  it('finds items by their words, by phrases and by beginnings of words, the best first', async () => {
    const client = await alone(encoding);
    const { id, items } = await client.call('context.create', {
      name: 'animals',
      content: [
        { role: 'assistant', content: 'The walrus and the carpenter were walking close at hand' },
        { role: 'user', content: 'A walrus is a large marine mammal; the walrus, walrus!' },
        { role: 'tool', content: 'Carpenters build. Élan vital.' },
      ],
    });
    const found = async (query: string, limit?: number): Promise<unknown[]> =>
      (await client.call('context.search', { query, limit })).matches.map((match: { item_id: string }) =>
        items.findIndex((item: Item) => item.id === match.item_id),
      );
    expect((await found('walrus')).sort()).toEqual([0, 1]);
    expect(await found('walrus', 1)).toHaveLength(1);
    expect(await found('walrus carpenter')).toEqual([0]);
    expect(await found('"large marine"')).toEqual([1]);
    expect(await found('"marine large"')).toEqual([]);
    expect(await found('mamm*')).toEqual([1]);
    expect(await found('WALRUS mammal')).toEqual([1]);
    expect(await found('elan')).toEqual([2]);
    const [best] = (await client.call('context.search', { query: 'walrus' })).matches;
    expect(best).toEqual({
      context_id: id,
      item_id: expect.any(String),
      role: expect.any(String),
      snippet: expect.stringContaining('walrus'),
      score: 1,
    });
  });

  it('the syntax of full-text search in a query is only text', async () => {
    const client = await alone(encoding);
    await client.call('context.create', { name: 'x', content: 'alpha beta NEAR owner' });
    const queries = [
      'alpha OR nothing',
      'alpha NOT beta',
      'NEAR(alpha beta)',
      'owner:alpha',
      'content : alpha',
      '{owner content}: alpha',
      'alpha^2',
      '^alpha',
      '-alpha',
      'alpha"',
      '""alpha',
      '(alpha',
      'alpha)',
      'alpha AND',
      '* alpha',
      'alpha\u0000',
      "alpha'; DROP TABLE context; --",
      '+alpha',
      'a*b*c*',
      '\\',
      '"',
      '*',
      '🌍',
      `t${Buffer.from('default').toString('hex')}0`,
    ];
    for (const query of queries) {
      const { result, error } = await client.request('context.search', { query });
      expect(error?.code ?? 4005, `${query}: ${JSON.stringify(error)}`).toBe(4005);
      if (result !== undefined) expect(result.matches.length, query).toBeLessThanOrEqual(1);
    }
    expect((await client.call('context.search', { query: 'alpha OR nothing' })).matches).toEqual([]);
    expect((await client.call('context.search', { query: 'owner:alpha' })).matches).toEqual([]);
    expect((await client.call('context.search', { query: '-alpha' })).matches).toHaveLength(1);
  });

  it('no words, too many words and a limit out of bounds are 4005', async () => {
    const client = await alone(encoding);
    for (const params of [
      { query: '' },
      { query: ' . ' },
      { query: 'x '.repeat(33) },
      { query: 'x'.repeat(1025) },
      { query: 'x', limit: 0 },
      { query: 'x', limit: 101 },
      { query: 5 },
    ])
      expect((await client.request('context.search', params)).error, JSON.stringify(params)).toMatchObject({ code: 4005 });
  });
});

describe.each(ENCODINGS)('tenants in %s', (encoding) => {
  it('another tenant’s context is 4009, in the words for one that is not there', async () => {
    const [owner, stranger] = [await alone(encoding), await alone(encoding)];
    await owner.call('context.create', { id: 'private', name: 'private', content: 'confidential' });
    for (const [method, params] of [
      ['context.get', {}],
      ['context.update', { content: 'x' }],
      ['context.update', { content: 'x', version: 7 }],
      ['context.delete', {}],
    ] as const) {
      const foreign = (await stranger.request(method, { id: 'private', ...params })).error;
      const absent = (await stranger.request(method, { id: 'absents', ...params })).error;
      expect(foreign?.code).toBe(4009);
      expect(foreign).toEqual({ ...absent, message: absent?.message.replace('absents', 'private') });
    }
    expect((await stranger.call('context.search', { query: 'confidential' })).matches).toEqual([]);
    expect((await stranger.call('context.list')).contexts).toEqual([]);
    expect(await stranger.call('context.create', { id: 'private', name: 'mine' })).toMatchObject({ version: 1, item_count: 0 });
    expect(await owner.call('context.get', { id: 'private' })).toMatchObject({ name: 'private', version: 1 });
  });

  it('a cursor of one tenant shows another nothing of it', async () => {
    const [owner, stranger] = [await alone(encoding), await alone(encoding)];
    for (let n = 0; n < 3; n++) await owner.call('context.create', { name: `secret ${n}` });
    await stranger.call('context.create', { id: 'own', name: 'own' });
    const { next_cursor: cursor } = await owner.call('context.list', { limit: 1 });
    const page = await stranger.call('context.list', { cursor });
    expect(page.contexts.filter(({ id }: { id: string }) => id !== 'own')).toEqual([]);
  });

  it('their agents share contexts within a tenant', async () => {
    const tenant = `shared-${encoding}`;
    const [one, two] = [await alone(encoding, tenant), await alone(encoding, tenant)];
    const { id } = await one.call('context.create', { name: 'shared' });
    await two.call('context.update', { id, content: 'from two' });
    await eventually('the change of the other', async () => ((await one.call('context.get', { id })).item_count === 1 ? true : undefined));
  });
});

describe.each(ENCODINGS)('events of contexts in %s', (encoding) => {
  it('context.created, updated and deleted bear ids and no content', async () => {
    const client = await alone(encoding);
    await client.call('event.subscribe', { events: ['context.*'] });
    const { id } = await client.call('context.create', { name: 'a secret name', content: 'a secret text' });
    await client.call('context.update', { id, content: 'a secret text', metadata: { secret: 1 } });
    await client.call('context.delete', { id });
    for (const [event, version] of [
      ['context.created', 1],
      ['context.updated', 2],
      ['context.deleted', 2],
    ] as const) {
      const { params } = await client.next('event');
      expect(params).toMatchObject({
        event,
        data: { context_id: id, version },
        cursor: expect.any(String),
        timestamp: expect.stringMatching(TIME),
      });
      expect(JSON.stringify(params)).not.toContain('secret');
    }
  });
});
