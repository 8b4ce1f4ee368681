// Schemas and expressions that an agent registers for its tools do not hold the event loop, whatever arguments are checked by them.
import { beforeAll, describe, expect, it } from 'vitest';

import type { TestServer } from '../../support/start-server.js';
import { expectNoHold, startWatchedServer } from '../support/event-loop.js';

let server: TestServer;
beforeAll(async () => {
  server = await startWatchedServer();
});

describe('a tool of an attacker', () => {
  let number = 0;
  const tryTool = async (inputSchema: object, args: unknown): Promise<void> => {
    const agent = await server.client({}, { capabilities: { tools: true } });
    const name = `attack_${++number}`;
    const { error } = await agent.request('tool.register', { tools: [{ name, description: 'x', inputSchema }] });
    if (error === undefined) {
      const caller = await server.client();
      const call = caller.request('tool.execute', { name, arguments: args }).catch(() => undefined);
      await Promise.race([call, agent.nextRequest('tool.execute')]);
      caller.terminate();
    } else expect(error.code).toBe(4005);
    await agent.close();
  };
  const patterns = [
    '^(a+)+$',
    '^(a|a)*$',
    '^(a*)*b$',
    '(.*a){20}$',
    '^(([a-z])+.)+[A-Z]([a-z])+$',
    '(x+x+)+y',
    'a{0,1000}a{0,1000}$',
    '^(?=(a+))\\1b$',
  ];
  const matched = ['a'.repeat(50_000) + '!', 'x'.repeat(50_000), `${'a'.repeat(30)}!`];

  it.each(patterns)('with the pattern %s holds up nobody', async (pattern) => {
    await expectNoHold(server, async () => {
      for (const value of matched) await tryTool({ type: 'object', properties: { v: { type: 'string', pattern } } }, { v: value });
      await tryTool({ type: 'object', patternProperties: { [pattern]: { type: 'number' } } }, { [matched[0] ?? '']: 1 });
    });
  });

  const doubling = (depth: number): object =>
    Object.fromEntries(
      Array.from({ length: depth }, (_, i) => [
        `d${i}`,
        i === 0 ? { type: 'string' } : { allOf: [{ $ref: `#/$defs/d${i - 1}` }, { $ref: `#/$defs/d${i - 1}` }] },
      ]),
    );
  const nested = (depth: number): object =>
    depth === 0 ? { type: 'string' } : { anyOf: [nested(depth - 1), { properties: { a: nested(0) } }] };
  const schemas: readonly (readonly [string, object, unknown])[] = [
    ['references that double', { $defs: doubling(40), properties: { v: { $ref: '#/$defs/d39' } } }, { v: 'x' }],
    ['alternatives within alternatives', { properties: { v: nested(25) } }, { v: 5 }],
    ['a reference to itself', { $defs: { a: { $ref: '#/$defs/a' } }, properties: { v: { $ref: '#/$defs/a' } } }, { v: 1 }],
    [
      'a tree of itself, with a deep argument',
      { properties: { v: { anyOf: [{ $ref: '#' }, { $ref: '#' }, { type: 'string' }] } } },
      { v: deep(60) },
    ],
    [
      'ten thousand properties',
      { properties: Object.fromEntries(Array.from({ length: 4_000 }, (_, i) => [`p${i}`, { type: 'string', minLength: 1 }])) },
      wideArgs(4_000),
    ],
    ['items that are to be unique', { properties: { v: { uniqueItems: true } } }, { v: Array.from({ length: 40_000 }, (_, i) => ({ i })) }],
    [
      'a long list of allowed values',
      { properties: { v: { items: { enum: Array.from({ length: 5_000 }, (_, i) => ({ i })) } } } },
      { v: Array.from({ length: 5_000 }, () => ({ i: -1 })) },
    ],
    [
      'a list that is to contain something',
      { properties: { v: { contains: nested(20), minContains: 1e9 } } },
      { v: new Array(100_000).fill(0) },
    ],
  ];
  it.each(schemas)('with %s holds up nobody', async (_, schema, args) => {
    await expectNoHold(server, () => tryTool({ type: 'object', ...schema }, args));
  });

  it('with a schema that is too large is refused', async () => {
    const agent = await server.client({}, { capabilities: { tools: true } });
    const large = { type: 'object', properties: Object.fromEntries(Array.from({ length: 8_000 }, (_, i) => [`p${i}`, {}])) };
    const { error } = await agent.request('tool.register', { tools: [{ name: 'large', description: 'x', inputSchema: large }] });
    expect(error?.code).toBe(4005);
  });
});

function deep(levels: number): object {
  return levels === 0 ? {} : { v: deep(levels - 1) };
}

function wideArgs(count: number): object {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, 'x']));
}
