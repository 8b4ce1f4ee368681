import { describe, expect, it } from 'vitest';

import { readToolList } from './listed-tools.js';

const RULES = { maxTools: 100, denyTools: [] };
const tool = (name: string, more: object = {}) => ({ name, inputSchema: { type: 'object' }, ...more });
const pages = (...lists: unknown[]) => {
  const asked: (string | undefined)[] = [];
  const get = (cursor: string | undefined): Promise<unknown> => {
    asked.push(cursor);
    return Promise.resolve(lists[asked.length - 1]);
  };
  return { asked, get };
};
const names = async (list: unknown[], rules: object = {}): Promise<string[]> =>
  (await readToolList(pages({ tools: list }).get, { ...RULES, ...rules })).tools.map(({ name }) => name);

describe('the list of an upstream’s tools', () => {
  it('is read page by page', async () => {
    const { asked, get } = pages({ tools: [tool('a')], nextCursor: 'x' }, { tools: [tool('b')], nextCursor: 'y' }, { tools: [tool('c')] });
    expect((await readToolList(get, RULES)).tools.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(asked).toEqual([undefined, 'x', 'y']);
  });

  it('ends when its pages do not', async () => {
    let asked = 0;
    const endless = (): Promise<unknown> => Promise.resolve({ tools: [tool(`t${asked}`)], nextCursor: `c${asked++}` });
    const { tools, leftOut } = await readToolList(endless, RULES);
    expect(tools).toHaveLength(64);
    expect(leftOut).toEqual(['all after the first 64']);
    const same = await readToolList(() => Promise.resolve({ tools: [tool('a')], nextCursor: 'again' }), RULES);
    expect(same.tools).toHaveLength(1);
  });

  it('has so many tools at most, each once', async () => {
    expect(await names([tool('a'), tool('a'), tool('b'), tool('c')], { maxTools: 2 })).toEqual(['a', 'b']);
  });

  it('has the tools that are allowed and not denied', async () => {
    const list = ['read_a', 'read_b', 'write_a'].map((name) => tool(name));
    expect(await names(list, { allowTools: ['read_*'] })).toEqual(['read_a', 'read_b']);
    expect(await names(list, { denyTools: ['*_a'] })).toEqual(['read_b']);
    expect(await names(list, { allowTools: [] })).toEqual([]);
  });

  it.each([[null], [{}], [{ tools: 'none' }], ['text']])('is not %j', async (page) => {
    await expect(readToolList(() => Promise.resolve(page), RULES)).rejects.toThrow('no tools');
  });

  it('leaves out what is no tool, and says so of what has a name', async () => {
    const { tools, leftOut } = await readToolList(
      pages({
        tools: [
          null,
          5,
          {},
          tool(''),
          tool('n'.repeat(300)),
          tool('list', { inputSchema: [] }),
          tool('big', { inputSchema: { a: 'x'.repeat(70_000) } }),
          tool('ok'),
        ],
      }).get,
      RULES,
    );
    expect(tools.map(({ name }) => name)).toEqual(['ok']);
    expect(leftOut).toEqual([
      expect.stringContaining('its name is too long'),
      expect.stringContaining('list: '),
      expect.stringContaining('big: '),
    ]);
  });

  it('keeps schemas, titles and hints, and nothing that only looks like them', async () => {
    const { tools } = await readToolList(
      pages({
        tools: [
          tool('a', {
            title: 'A\u0007',
            description: 'x\u0000y',
            outputSchema: { type: 'object' },
            annotations: { readOnlyHint: true, destructiveHint: 'no', title: 'B', other: 1 },
          }),
          tool('b', { annotations: { title: 'B' }, outputSchema: 5 }),
        ],
      }).get,
      RULES,
    );
    expect(tools).toEqual([
      {
        name: 'a',
        description: 'xy',
        inputSchema: { type: 'object' },
        outputSchema: { type: 'object' },
        annotations: { title: 'A', readOnlyHint: true },
      },
      { name: 'b', description: '', inputSchema: { type: 'object' }, outputSchema: undefined, annotations: { title: 'B' } },
    ]);
  });
});
