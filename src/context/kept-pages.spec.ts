import { describe, expect, it } from 'vitest';

import { KeptPages } from './kept-pages.js';

const KIB_256 = 262_144;
const ALL = { limit: 200, before: Infinity };

const find = (pages: KeptPages, id: string, { tenant = 'acme', key = ALL, now = 1_000 } = {}) => pages.find(tenant, id, key, 'text', now);
const keep = (pages: KeptPages, id: string, text: string, { key = ALL, expiresAt = null as number | null } = {}) =>
  pages.keep(['acme', id, expiresAt], key, 'text', text);

describe('pages that are kept', () => {
  it('are found by tenant, context, items and encoding', () => {
    const pages = new KeptPages();
    keep(pages, 'a', 'of a');
    keep(pages, 'a', 'ten of a', { key: { limit: 10, before: Infinity } });
    expect(find(pages, 'a')).toBe('of a');
    expect(find(pages, 'a', { key: { limit: 10, before: Infinity } })).toBe('ten of a');
    expect(find(pages, 'a', { key: { limit: 10, before: 5 } })).toBeUndefined();
    expect(find(pages, 'a', { tenant: 'other' })).toBeUndefined();
    expect(find(pages, 'b')).toBeUndefined();
    expect(pages.find('acme', 'a', ALL, 'packed', 1_000)).toBeUndefined();
  });

  it('are gone when their context is forgotten, all of them, and no other context’s', () => {
    const pages = new KeptPages();
    keep(pages, 'a', 'of a');
    keep(pages, 'a', 'ten of a', { key: { limit: 10, before: Infinity } });
    keep(pages, 'b', 'of b');
    const ofB = pages.size / 3;
    pages.forget('acme', 'a');
    pages.forget('acme', 'never kept');
    expect([find(pages, 'a'), find(pages, 'a', { key: { limit: 10, before: Infinity } }), find(pages, 'b')]).toEqual([
      undefined,
      undefined,
      'of b',
    ]);
    expect(pages.size).toBeCloseTo(ofB, -1);
  });

  it('are not those of a context whose time is over', () => {
    const pages = new KeptPages();
    keep(pages, 'a', 'of a', { expiresAt: 2_000 });
    expect(find(pages, 'a', { now: 1_999 })).toBe('of a');
    expect(find(pages, 'a', { now: 2_000 })).toBeUndefined();
  });

  it('are 8 MiB at most; what was not asked for the longest goes', () => {
    const pages = new KeptPages();
    for (let i = 0; i < 31; i++) keep(pages, `k${i}`, 'x'.repeat(KIB_256));
    const first = find(pages, 'k0');
    expect(first).toHaveLength(KIB_256);
    keep(pages, 'k31', 'x'.repeat(KIB_256));
    expect(pages.size).toBeLessThanOrEqual(32 * KIB_256);
    expect(find(pages, 'k0')).toBe(first);
    expect(find(pages, 'k1')).toBeUndefined();
  });

  it('are few of one context, and none is very large', () => {
    const pages = new KeptPages();
    for (let limit = 1; limit <= 100; limit++) expect(keep(pages, 'a', `${limit}`, { key: { limit, before: Infinity } })).toBe(`${limit}`);
    const kept = Array.from({ length: 100 }, (_, i) => find(pages, 'a', { key: { limit: i + 1, before: Infinity } }));
    expect(kept.filter((page) => page !== undefined)).toHaveLength(8);
    expect(keep(pages, 'b', 'x'.repeat(KIB_256 + 1))).toHaveLength(KIB_256 + 1);
    expect(find(pages, 'b')).toBeUndefined();
  });
});
