import { beforeEach, describe, expect, it } from 'vitest';

import { Failure } from '../extension/failure.js';
import { ToolAccess } from './tool-access.js';
import { ToolCatalog, type ToolListParams } from './tool-catalog.js';
import { ToolRegistry } from './tool-registry.js';
import { FakeToolSource, fakeTool } from './testing/fake-tools.js';

const ten = Array.from({ length: 10 }, (_, i) => fakeTool({ name: `t${i}`, description: i % 2 ? 'odd number' : 'even number' }));
const access = new ToolAccess(['tools:execute']);
const principal = { id: 'p', tenant: 'acme', scopes: ['tools:execute'] };

let source: FakeToolSource;
let registry: ToolRegistry;
let catalog: ToolCatalog;

beforeEach(() => {
  registry = new ToolRegistry();
  catalog = new ToolCatalog(registry);
  source = new FakeToolSource([...ten].reverse());
  registry.add(source);
});

const page = (params: ToolListParams = {}) => catalog.page(principal, access, params);
const names = (params: ToolListParams = {}) => page(params).tools.map(({ name }) => name);

function allPages(params: ToolListParams, between: () => void = () => undefined): string[] {
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const { tools, next_cursor } = page(cursor === undefined ? params : { ...params, cursor });
    seen.push(...tools.map(({ name }) => name));
    cursor = next_cursor;
    between();
  } while (cursor !== undefined);
  return seen;
}

describe('a page of tools', () => {
  it('has the shape of the protocol, by name', () => {
    expect(page({ limit: 1 }).tools).toEqual([
      { id: 't0', name: 't0', description: 'even number', inputSchema: { type: 'object' }, source: 'fake' },
    ]);
    expect(names()).toEqual(ten.map(({ name }) => name));
    expect(page()).not.toHaveProperty('next_cursor');
    expect(page({ limit: 10 })).not.toHaveProperty('next_cursor');
    expect(page({ limit: 9 })).toHaveProperty('next_cursor');
  });

  it('shows only what the scopes open', () => {
    source.replace([...ten, fakeTool({ name: 'secret', scopes: ['vault:read'] })]);
    expect(names()).not.toContain('secret');
    expect(catalog.page(principal, new ToolAccess(['tools:execute', 'vault:read']), {}).tools).toHaveLength(11);
    expect(catalog.page(principal, new ToolAccess(['tools:execute:t1*']), {}).tools.map(({ name }) => name)).toEqual(['t1']);
    expect(catalog.page(principal, new ToolAccess(['tools:read']), {}).tools).toEqual([]);
  });

  it.each([{ limit: 3 }, { limit: 5 }, { limit: 3, query: 'number' }, { limit: 1, query: 'odd' }])(
    'goes on where the last ended: %j',
    (params) => {
      const all = names({ ...params, limit: 1000 });
      expect(allPages(params)).toEqual(all);
      expect(new Set(all).size).toBe(all.length);
    },
  );

  it('loses and repeats nothing when tools come and go between pages', () => {
    let round = 0;
    const seen = allPages({ limit: 3 }, () => {
      round++;
      // The tool that the cursor stands on goes, and one comes before it.
      source.replace([...ten.filter(({ name }) => name !== `t${round * 3 - 1}`), fakeTool({ name: `a${round}` })]);
    });
    expect(seen).toEqual(['t0', 't1', 't2', 't3', 't4', 't5', 't6', 't7', 't8', 't9']);
  });

  it('holds no more than half a megabyte of schemas, and loses none of them', () => {
    const large = Array.from({ length: 40 }, (_, i) => fakeTool({ name: `large${10 + i}`, inputSchema: { title: 'x'.repeat(60_000) } }));
    source.replace(large);
    expect(page({ limit: 1000 }).tools).toHaveLength(8);
    expect(allPages({ limit: 1000 })).toEqual(large.map(({ name }) => name));
    source.replace([fakeTool({ name: 'huge', inputSchema: { title: 'x'.repeat(900_000) } }), ...ten]);
    expect(page({ limit: 1 }).tools).toHaveLength(1);
    expect(allPages({ limit: 1000 })).toHaveLength(11);
  });

  it('keeps to a source', () => {
    source.replace([...ten, fakeTool({ name: 'x', source: 'other' })]);
    expect(names({ source: 'other' })).toEqual(['x']);
    expect(names({ source: 'nowhere' })).toEqual([]);
  });

  it.each(['x', '', '%', Buffer.from('["t"]').toString('base64url'), Buffer.from('["t","a",1]').toString('base64url'), '1000000000001'])(
    'refuses the cursor %j',
    (cursor) => {
      expect(() => page({ cursor })).toThrow(
        expect.objectContaining({
          kind: 'invalid_params',
          data: { errors: [{ path: '/cursor', message: expect.any(String) }] },
        }) as Failure,
      );
    },
  );

  it("refuses an unranked list's cursor for a ranked one", () => {
    const { next_cursor } = page({ limit: 2 });
    expect(() => page({ limit: 2, query: 'odd', cursor: next_cursor ?? '' })).toThrow(Failure);
  });

  it('is made once until tools change, and again then', () => {
    const before = page({ limit: 4 });
    expect(page({ limit: 4 })).toBe(before);
    source.replace(ten, 'another tenant');
    expect(page({ limit: 4 })).toBe(before);
    source.replace(ten.slice(1), 'acme');
    expect(names({ limit: 4 })).toEqual(['t1', 't2', 't3', 't4']);
  });
});

describe('sources', () => {
  it('are asked in the order they were added, and a name is listed once', () => {
    const second = new FakeToolSource([fakeTool({ name: 't1', source: 'second' }), fakeTool({ name: 'u', source: 'second' })]);
    const remove = registry.add(second);
    expect(registry.find('acme', 't1')?.source).toBe('fake');
    expect(registry.list('acme').map((tool) => `${tool.source}.${tool.name}`)).toContain('second.u');
    expect(names()).toHaveLength(11);
    remove();
    expect(registry.find('acme', 'u')).toBeUndefined();
    expect(names()).toHaveLength(10);
  });
});

describe('what is kept', () => {
  const KEPT_VIEWS = 256;
  const KEPT_PAGES = 64;

  it('are no more views than may be, whatever tenants and scopes come', () => {
    const of = (tenant: number) => catalog.page({ ...principal, tenant: `t${tenant}` }, access, {});
    const first = of(0);
    for (let tenant = 1; tenant < KEPT_VIEWS; tenant++) of(tenant);
    expect(of(0), 'as many as it may').toBe(first);
    of(KEPT_VIEWS);
    expect(of(0), 'and one more').not.toBe(first);
    expect(of(0)).toEqual(first);
  });

  it('are no more pages of a view than may be, whatever is asked for', () => {
    const first = page({ query: 'q0' });
    for (let query = 1; query < KEPT_PAGES; query++) page({ query: `q${query}` });
    expect(page({ query: 'q0' }), 'as many as it may').toBe(first);
    page({ query: `q${KEPT_PAGES}` });
    expect(page({ query: 'q0' }), 'and one more').not.toBe(first);
    expect(page({ query: 'q0' })).toEqual(first);
  });
});
