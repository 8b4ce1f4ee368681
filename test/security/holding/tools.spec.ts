// Schemas and expressions that an agent registers for its tools do not hold the event loop, whatever arguments are checked by them.
import { beforeAll, describe, expect, it } from 'vitest';

import type { TestServer } from '../../support/start-server.js';
import type { Answer } from '../../support/test-client.js';
import { expectNoHold, startWatchedServer } from '../support/event-loop.js';

let server: TestServer;
beforeAll(async () => {
  server = await startWatchedServer();
});

/** Words of a refusal, at the registration or of the arguments, or that the tool's agent is called. */
type Outcome = RegExp | 'called';

describe('a tool of an attacker', () => {
  let number = 0;
  const tryTool = async (inputSchema: object, args: unknown, outcome: Outcome): Promise<void> => {
    const agent = await server.client({}, { capabilities: { tools: true } });
    const name = `attack_${++number}`;
    const registered = await agent.request('tool.register', { tools: [{ name, description: 'x', inputSchema }] });
    const caller = await server.client();
    const call = caller.request('tool.execute', { name, arguments: args });
    call.catch(() => undefined); // where its agent is called it is never answered
    const ended = registered.error === undefined ? await Promise.race([call, agent.nextRequest('tool.execute')]) : registered;
    caller.terminate();
    await agent.close();
    const { error } = ended as Answer;
    // An attack that is turned away sooner than it thinks would show nothing.
    if (outcome === 'called') expect(error).toBeUndefined();
    else expect(error).toMatchObject({ code: 4005, message: expect.stringMatching(outcome) as string });
  };

  const long = `${'a'.repeat(50_000)}!`;
  const TOO_SLOW = /takes too long to check/;
  const NO_MATCH = /must match the pattern/;
  // As a pattern of a value, and as one of names: names that fit none are nothing's.
  const patterns: readonly (readonly [pattern: string, ofValue: Outcome, ofName: Outcome])[] = [
    ['^(a+)+$', NO_MATCH, 'called'],
    ['^(a|a)*$', NO_MATCH, 'called'],
    ['^(a*)*b$', NO_MATCH, 'called'],
    ['(.*a){20}$', TOO_SLOW, TOO_SLOW],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', NO_MATCH, 'called'],
    ['(x+x+)+y', NO_MATCH, 'called'],
    // What cannot be matched in linear time is not matched.
    ['a{0,1000}a{0,1000}$', 'called', 'called'],
    ['^(?=(a+))\\1b$', 'called', 'called'],
  ];
  it.each(patterns)('with the pattern %s holds up nobody', async (pattern, ofValue, ofName) => {
    await expectNoHold(server, async () => {
      await tryTool({ type: 'object', properties: { v: { type: 'string', pattern } } }, { v: long }, ofValue);
      await tryTool({ type: 'object', patternProperties: { [pattern]: { type: 'number' } } }, { [long]: 1 }, ofName);
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
  const properties = (count: number, of: object): object => Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, of]));
  const objects = (count: number): object[] => Array.from({ length: count }, (_, i) => ({ i }));
  const schemas: readonly (readonly [string, object, unknown, Outcome])[] = [
    ['references that double', { $defs: doubling(40), properties: { v: { $ref: '#/$defs/d39' } } }, { v: 'x' }, TOO_SLOW],
    ['alternatives within alternatives', { properties: { v: nested(25) } }, { v: 5 }, 'called'],
    ['a reference to itself', { $defs: { a: { $ref: '#/$defs/a' } }, properties: { v: { $ref: '#/$defs/a' } } }, { v: 1 }, TOO_SLOW],
    [
      'a tree of itself, with a deep argument',
      { properties: { v: { anyOf: [{ $ref: '#' }, { $ref: '#' }, { type: 'string' }] } } },
      { v: deep(60) },
      'called',
    ],
    ['as many properties as may be', { properties: properties(1_900, { type: 'string' }) }, properties(1_900, []), /must be string/],
    ['items that are to be unique', { properties: { v: { uniqueItems: true } } }, { v: objects(13_000) }, 'called'],
    [
      'a long list of allowed values',
      { properties: { v: { items: { enum: objects(4_800) } } } },
      { v: Array.from({ length: 10_000 }, () => ({ i: -1 })) },
      /must be one of/,
    ],
    [
      'a list that is to contain something',
      { properties: { v: { contains: nested(20), minContains: 1e9 } } },
      { v: new Array(60_000).fill(0) },
      TOO_SLOW,
    ],
  ];
  it.each(schemas)('with %s holds up nobody', async (_, schema, args, outcome) => {
    await expectNoHold(server, () => tryTool({ type: 'object', ...schema }, args, outcome));
  });

  it.each<[string, object, RegExp]>([
    ['too long', { properties: properties(8_000, {}) }, /86934 characters, more than 65536/],
    ['of too many values', { properties: { v: { enum: objects(5_000) } } }, /more than 10000 values/],
  ])('with a schema that is %s is refused', async (_, schema, refusal) => {
    await expectNoHold(server, () => tryTool({ type: 'object', ...schema }, {}, refusal));
  });
});

function deep(levels: number): object {
  return levels === 0 ? {} : { v: deep(levels - 1) };
}
