import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Failure } from '../extension/failure.js';
import { leastCpuMs } from '../extension/testing/cpu-ms.js';
import { compileSchema } from './compile-schema.js';

const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const errorsOf = (schema: object, value: unknown) => compileSchema(schema).validate(value);
const accepts = (schema: object, value: unknown): boolean => errorsOf(schema, value) === null;

function refusal(schema: unknown): unknown {
  try {
    compileSchema(schema as object);
  } catch (error) {
    if (error instanceof Failure && error.kind === 'invalid_params') return (error.data?.['errors'] as unknown[])[0];
    throw error;
  }
  return undefined;
}

const SCHEMA_2020 = 'https://json-schema.org/draft/2020-12/schema';
const SCHEMA_07 = 'http://json-schema.org/draft-07/schema#';

describe('a schema', () => {
  it.each<[string, object, unknown[], unknown[]]>([
    ['of nothing', {}, [1, null, {}], []],
    ['of a type', { type: 'integer' }, [1, 1.0, -3], [1.5, '1', null, true, {}, []]],
    ['of several types', { type: ['string', 'null'] }, ['a', null], [1, {}]],
    ['of objects', { type: 'object' }, [{}], [[], null, 'a', new Uint8Array(2)]],
    ['with an enum', { enum: [1, 'a', null, { a: [1] }] }, [1, 'a', null, { a: [1] }], [2, 'b', { a: [2] }, { a: [1], b: 1 }, {}]],
    ['with a const', { const: { a: 1, b: 2 } }, [{ b: 2, a: 1 }], [{ a: 1 }, { a: 1, b: true }]],
    ['with bounds', { minimum: 1, exclusiveMaximum: 5, multipleOf: 0.5 }, [1, 4.5, 'x'], [0.5, 5, 1.2]],
    ['with decimals', { multipleOf: 0.01 }, [19.99, 0, 1], [0.001, 19.995]],
    ['with lengths', { minLength: 2, maxLength: 3 }, ['ab', 'abc', '😀😀', 5], ['a', 'abcd', '😀', '😀😀😀😀']],
    ['with a pattern', { pattern: '^[a-z]+$' }, ['a', 1], ['A', '']],
    [
      'with items',
      { items: { type: 'number' }, minItems: 1, maxItems: 2, uniqueItems: true },
      [[1], [1, 2], {}],
      [[], [1, 2, 3], ['a'], [1, 1]],
    ],
    [
      'with unique objects',
      { uniqueItems: true },
      [
        [{ a: 1 }, { a: 2 }],
        [1, '1', true, null],
      ],
      [
        [
          { a: 1, b: 2 },
          { b: 2, a: 1 },
        ],
        [[1], [1]],
      ],
    ],
    ['with a tuple', { prefixItems: [{ type: 'string' }], items: false }, [[], ['a']], [[1], ['a', 1]]],
    ['with an older tuple', { $schema: SCHEMA_07, items: [{ type: 'string' }], additionalItems: false }, [[], ['a']], [[1], ['a', 1]]],
    ['with contains', { contains: { type: 'number' }, maxContains: 1 }, [[1, 'a']], [[], ['a'], [1, 2]]],
    [
      'with properties',
      { properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false },
      [{ a: 'x' }],
      [{}, { a: 1 }, { a: 'x', b: 1 }],
    ],
    [
      'with pattern properties',
      { patternProperties: { '^x-': true }, additionalProperties: { type: 'number' } },
      [{ 'x-a': 'a', b: 1 }],
      [{ b: 'a' }],
    ],
    ['with property names', { propertyNames: { maxLength: 2 }, maxProperties: 2 }, [{ ab: 1 }], [{ abc: 1 }, { a: 1, b: 1, c: 1 }]],
    [
      'with dependent members',
      { dependentRequired: { a: ['b'] }, dependentSchemas: { c: { minProperties: 2 } } },
      [{ b: 1 }, { a: 1, b: 1 }, { c: 1, d: 1 }],
      [{ a: 1 }, { c: 1 }],
    ],
    ['with older dependencies', { dependencies: { a: ['b'], c: { minProperties: 2 } } }, [{ a: 1, b: 1 }], [{ a: 1 }, { c: 1 }]],
    ['with alternatives', { anyOf: [{ type: 'string' }, { minimum: 5 }] }, ['a', 5], [4]],
    ['with exclusive alternatives', { oneOf: [{ type: 'number' }, { minimum: 5 }] }, [4, 'a'], [5]],
    ['with a negation', { not: { type: 'string' } }, [1], ['a']],
    ['with a condition', { if: { type: 'string' }, then: { minLength: 2 }, else: { minimum: 2 } }, ['ab', 2], ['a', 1]],
    ['with definitions', { $defs: { name: { type: 'string' } }, items: { $ref: '#/$defs/name' } }, [['a']], [[1]]],
    ['with older definitions', { definitions: { 'a/b': { type: 'string' } }, items: { $ref: '#/definitions/a~1b' } }, [['a']], [[1]]],
    ['with an anchor', { $defs: { x: { $anchor: 'name', type: 'string' } }, items: { $ref: '#name' } }, [['a']], [[1]]],
    [
      'with a schema of its own name inside',
      { $id: 'https://a.example/x', $defs: { y: { $id: 'y', $defs: { z: { type: 'string' } }, $ref: '#/$defs/z' } }, $ref: 'y' },
      ['a'],
      [1],
    ],
    [
      'that contains itself',
      { properties: { next: { $ref: '#' } }, required: ['id'] },
      [{ id: 1, next: { id: 2 } }],
      [{ id: 1, next: {} }],
    ],
    ['with neighbours of a reference', { $defs: { a: {} }, $ref: '#/$defs/a', type: 'string' }, ['a'], [1]],
    [
      'with older neighbours of a reference',
      { $schema: SCHEMA_07, definitions: { a: {} }, $ref: '#/definitions/a', type: 'string' },
      ['a', 1],
      [],
    ],
    [
      'with unevaluated members',
      {
        allOf: [{ properties: { a: true } }],
        anyOf: [{ properties: { b: { const: 1 } }, required: ['b'] }, true],
        unevaluatedProperties: false,
      },
      [{ a: 1 }, { a: 1, b: 1 }],
      [{ c: 1 }, { b: 2 }],
    ],
    [
      'with unevaluated items',
      { prefixItems: [true], contains: { type: 'string' }, unevaluatedItems: false },
      [[1, 'a'], ['a']],
      [[1, 'a', 2]],
    ],
    [
      'with words that say nothing here',
      { format: 'email', title: 'x', 'x-own': { $ref: 'nowhere' }, default: { $id: 5 } },
      ['nobody'],
      [],
    ],
  ])('%s', (_, schema, good, bad) => {
    for (const value of good) expect(errorsOf(schema, value), JSON.stringify(value)).toBeNull();
    for (const value of bad) expect(errorsOf(schema, value), JSON.stringify(value)).not.toBeNull();
  });

  it('takes members that an object has from Object for absent, and those named like them for members', () => {
    expect(errorsOf({ required: ['toString'] }, {})).toEqual([{ path: '/toString', message: 'is required' }]);
    expect(accepts({ properties: { constructor: { type: 'string' } } }, {})).toBe(true);
    const schema = JSON.parse('{"properties":{"__proto__":{"type":"string"}},"additionalProperties":false}') as object;
    expect(accepts(schema, JSON.parse('{"__proto__":"a"}'))).toBe(true);
    expect(errorsOf(schema, JSON.parse('{"__proto__":1}'))).toEqual([{ path: '/__proto__', message: 'must be string' }]);
    expect(errorsOf({ additionalProperties: false }, JSON.parse('{"__proto__":1}'))?.[0]?.path).toBe('/__proto__');
  });

  it('tells all that is wrong, with paths', () => {
    const schema = {
      properties: { a: { type: 'string' }, 'b/c': { items: { minimum: 1 } } },
      required: ['a', 'd'],
      additionalProperties: false,
    };
    expect(errorsOf(schema, { a: 1, 'b/c': [1, 0, 0], x: 1 })).toEqual([
      { path: '/d', message: 'is required' },
      { path: '/a', message: 'must be string' },
      { path: '/b~1c/1', message: 'must be at least 1' },
      { path: '/b~1c/2', message: 'must be at least 1' },
      { path: '/x', message: 'is not known here' },
    ]);
  });

  it('tells what the alternatives were against, and at most 20 errors, none of them long', () => {
    expect(errorsOf({ anyOf: [{ type: 'string' }, { minimum: 5 }] }, 1)).toEqual([
      { path: '', message: 'must be string' },
      { path: '', message: 'must be at least 5' },
      { path: '', message: 'must be as one of 2 alternatives says' },
    ]);
    const errors = errorsOf(
      { items: { enum: times(1000, (i) => 'long'.repeat(10) + i) } },
      times(1000, (i) => i),
    );
    expect(errors).toHaveLength(20);
    expect(JSON.stringify(errors).length).toBeLessThan(10_000);
  });

  it('is compiled once, and let go of with its object', () => {
    const schema = { type: 'string' };
    expect(compileSchema(schema)).toBe(compileSchema(schema));
    expect(compileSchema(schema)).not.toBe(compileSchema({ ...schema }));
  });
});

describe('what is no schema, or reaches outside, is refused with the place', () => {
  it.each<[unknown, string, string]>([
    [[], '', 'must be an object'],
    [null, '', 'must be an object'],
    [{ type: 'text' }, '/type', 'must be of null, boolean, string, number, integer, array, object'],
    [{ properties: { a: { minLength: '5' } } }, '/properties/a/minLength', 'must be a whole number from 0 up'],
    [{ properties: { a: 5 } }, '/properties/a', 'must be a schema: an object, true or false'],
    [{ properties: [] }, '/properties', 'must be an object'],
    [{ required: 'a' }, '/required', 'must be a list'],
    [{ required: [1] }, '/required', 'must be a list of strings'],
    [{ minimum: '1' }, '/minimum', 'must be a number'],
    [{ exclusiveMinimum: true }, '/exclusiveMinimum', 'must be a number'],
    [{ multipleOf: 0 }, '/multipleOf', 'must be above 0'],
    [{ anyOf: [] }, '/anyOf', 'must have at least one schema'],
    [{ pattern: 5 }, '/pattern', 'must be a string'],
    [{ uniqueItems: 'yes' }, '/uniqueItems', 'must be true or false'],
    [{ $ref: 'https://example.com/x.json' }, '/$ref', 'refers to something that is not in this schema; nothing else is read'],
    [{ $ref: 'file:///etc/passwd' }, '/$ref', 'refers to something that is not in this schema; nothing else is read'],
    [{ $ref: SCHEMA_2020 }, '/$ref', 'refers to something that is not in this schema; nothing else is read'],
    [{ items: { $ref: '#/$defs/none' } }, '/items/$ref', 'refers to something that is not in this schema; nothing else is read'],
    [{ $ref: '#/constructor' }, '/$ref', 'refers to something that is not in this schema; nothing else is read'],
    [{ $ref: '#%zz' }, '/$ref', 'refers to something that is not in this schema; nothing else is read'],
    [{ $ref: 5 }, '/$ref', 'must be a string'],
    [
      { $schema: 'http://json-schema.org/draft-04/schema#' },
      '/$schema',
      'names a dialect that is not known here; known are draft-06, draft-07, 2019-09 and 2020-12',
    ],
    [
      { $dynamicRef: '#n', $defs: { a: { $dynamicAnchor: 'n' }, b: { $id: 'b', $dynamicAnchor: 'n' } } },
      '/$dynamicRef',
      'has several meanings, depending on where it is used',
    ],
    [{ $defs: times(10_001, () => 1) }, '', 'has more than 10000 values'],
    [{ title: 'x'.repeat(262_145) }, '', 'has more than 262144 characters'],
    [{ default: new Date() as unknown, title: (() => 1) as unknown }, '', 'holds something that is not JSON'],
    [JSON.parse(`${'{"not":'.repeat(70)}true${'}'.repeat(70)}`), '', 'is nested deeper than 64'],
  ])('%j', (schema, path, message) => {
    expect(refusal(schema)).toEqual({ path, message });
  });

  it('a schema that holds itself as an object', () => {
    const schema: Record<string, unknown> = {};
    schema['not'] = schema;
    expect(refusal(schema)).toEqual({ path: '', message: 'is nested deeper than 64' });
  });
});

describe('a pattern that cannot be matched in linear time is left to the tool', () => {
  it.each(['^(?=.*\\d).+$', '(a)\\1', '(?P<name>x)', 'a{3000}'])('%s', (pattern) => {
    expect(accepts({ pattern }, 'anything')).toBe(true);
    expect(accepts({ patternProperties: { [pattern]: false }, additionalProperties: false }, { anything: 1 })).toBe(true);
  });
});

describe('a schema made to be slow', () => {
  const numbers = times(300_000, (i) => i % 10);
  const members = Object.fromEntries(times(50_000, (i) => [`k${i}`, 1]));
  const deep = times(60, (i) => i).reduce<object>((inner) => ({ x: inner }), {});
  const text = 'a'.repeat(500_000);
  const twice = (schema: object) => ({ anyOf: [schema, schema] });
  // Processor time, not the clock's, which runs on under load; the bound is ten times what was measured.
  const MOST_MS = 500;

  it.each<[string, object, unknown]>([
    ['a backtracking pattern', { pattern: '^(a+)+$' }, `${text}!`],
    ['a large pattern', { pattern: '[ab]*a[ab]{900}c' }, text],
    ['many patterns', { allOf: times(900, (i) => ({ pattern: `[\\p{L}\\p{Script=Han}${i}]` })) }, 'é'],
    ['patterns on many names', { patternProperties: Object.fromEntries(times(500, (i) => [`^k${i}$`, true])) }, members],
    ['a reference to itself', { $ref: '#' }, {}],
    ['branching references to itself', twice({ $ref: '#' }), {}],
    ['alternatives that double with each level', { ...twice({ properties: { x: { $ref: '#' } }, required: ['q'] }) }, deep],
    [
      'a long chain of references',
      { $defs: Object.fromEntries(times(2000, (i) => [`d${i}`, { $ref: `#/$defs/d${(i + 1) % 2000}` }])), $ref: '#/$defs/d0' },
      1,
    ],
    ['many looks at every item', { allOf: times(2000, () => ({ items: { type: 'number' } })) }, numbers],
    ['many alternatives of every item', { items: { anyOf: [...times(3000, () => false), true] } }, numbers],
    ['unique items', { uniqueItems: true }, times(300_000, (i) => i)],
    ['unique objects', { uniqueItems: true }, times(60_000, (i) => ({ a: i, b: 'x' }))],
    ['many looks at every name', { allOf: times(3000, () => ({ additionalProperties: true })) }, members],
    ['many counts of names', { allOf: times(3000, () => ({ minProperties: 1 })) }, members],
    ['checks of every name', { allOf: times(3000, () => ({ propertyNames: { maxLength: 10 } })) }, members],
    ['long lists of required members', { items: { not: { required: times(5000, () => 'a') } } }, times(50_000, () => ({ a: 1 }))],
    ['large values to compare with', { items: { enum: times(3000, (i) => ({ a: { i } })) } }, times(50_000, () => ({ a: { q: 1 } }))],
    ['unevaluated members', { allOf: times(900, () => ({ additionalProperties: true, unevaluatedProperties: false })) }, members],
    ['unevaluated items', { allOf: times(900, () => ({ items: true, unevaluatedItems: false })) }, numbers],
    ['lengths of long texts', { allOf: times(3000, () => ({ maxLength: 260_000 })) }, '😀'.repeat(250_000)],
    ['nothing, many times', { pattern: '(?:(?:(?:(?:){1999}){1999}){1999}){1999}' }, text],
  ])('holds nobody up: %s', (_, schema, value) => {
    const before = process.cpuUsage();
    const errors = errorsOf(schema, value);
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(MOST_MS);
    if (errors !== null) expect(errors[0]?.message).toMatch(/./);
  });

  it('is answered with an error that says so', () => {
    expect(errorsOf({ $ref: '#' }, {})).toEqual([{ path: '', message: 'takes too long to check against the schema; send less' }]);
  });

  it('does little for who sends little: a tenth of what a large value may take', () => {
    const lists = { type: 'array', items: { $ref: '#/$defs/x' } };
    const schema = { $defs: { x: { anyOf: [lists, lists, { ...lists, minItems: 9 }] } }, $ref: '#/$defs/x' };
    const deep = (inmost: unknown): unknown => times(50, () => 0).reduce<unknown>((inner) => [inner], inmost);
    const [small, large] = [deep(1), deep('x'.repeat(100_000))];
    const cost = (value: unknown): number => leastCpuMs(() => expect(errorsOf(schema, value)?.[0]?.message).toMatch('too long'), 0);
    expect(cost(small)).toBeLessThan(cost(large) / 3);
  });

  it('does not refuse a large value of a plain schema', () => {
    const rows = {
      type: 'array',
      items: {
        type: 'object',
        properties: { a: { type: 'integer' }, b: { type: 'string', maxLength: 5 } },
        required: ['a', 'b'],
        additionalProperties: false,
      },
    };
    expect(
      errorsOf(
        rows,
        times(50_000, (i) => ({ a: i, b: 'x' })),
      ),
    ).toBeNull();
    expect(errorsOf({ items: { type: 'number' } }, numbers)).toBeNull();
  });
});

describe('random schemas and values', () => {
  const leaf = fc.constantFrom<unknown>(0, 1, 2.5, -1, '', 'a', 'ab', 'b1', true, false, null);
  const name = fc.constantFrom('a', 'b', 'cc');
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 2 },
      leaf,
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(name, tie('value'), { maxKeys: 3, noNullPrototype: true }),
    ),
  }));
  const { schema } = fc.letrec<{ schema: object; part: unknown }>((tie) => {
    const part = tie('part');
    const parts = fc.array(part, { minLength: 1, maxLength: 2 });
    const keywords: Record<string, fc.Arbitrary<unknown>> = {
      type: fc.constantFrom('string', 'number', 'integer', 'array', 'object', 'null', ['string', 'object']),
      enum: fc.array(value, { minLength: 1, maxLength: 3 }),
      const: value,
      minimum: fc.integer({ min: -1, max: 2 }),
      multipleOf: fc.constantFrom(1, 0.5),
      minLength: fc.integer({ min: 0, max: 2 }),
      maxLength: fc.integer({ min: 0, max: 2 }),
      pattern: fc.constantFrom('^a', 'b$', '^[a-z]*$', '\\d'),
      items: part,
      uniqueItems: fc.boolean(),
      maxItems: fc.integer({ min: 0, max: 2 }),
      properties: fc.dictionary(name, part, { maxKeys: 2, noNullPrototype: true }),
      patternProperties: fc.dictionary(fc.constantFrom('^a$', 'c'), part, { maxKeys: 1, noNullPrototype: true }),
      additionalProperties: part,
      propertyNames: part,
      required: fc.uniqueArray(name, { maxLength: 2 }),
      minProperties: fc.integer({ min: 0, max: 2 }),
      dependencies: fc.dictionary(name, part, { maxKeys: 1, noNullPrototype: true }),
      allOf: parts,
      anyOf: parts,
      oneOf: parts,
      not: part,
      if: part,
      then: part,
      else: part,
    };
    const newer: Record<string, fc.Arbitrary<unknown>> = {
      $ref: fc.constantFrom('#/$defs/s', '#/$defs/n'),
      prefixItems: parts,
      dependentSchemas: fc.dictionary(name, part, { maxKeys: 1, noNullPrototype: true }),
    };
    const entry = fc.oneof(
      ...Object.entries({ ...keywords, ...newer }).map(([keyword, argument]) => argument.map((made) => [keyword, made] as const)),
    );
    return {
      part: fc.oneof({ maxDepth: 2 }, { weight: 1, arbitrary: fc.boolean() }, { weight: 3, arbitrary: tie('schema') }),
      schema: fc.array(entry, { minLength: 1, maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
    };
  });
  const definitions = { s: { type: 'string' }, n: { properties: { a: { type: 'number' } } } };
  const options = { strict: false, validateSchema: false, logger: false } as const;
  const newerKeywords = /"(\$ref|prefixItems|dependentSchemas)"/;

  const judge2020 = (): Ajv2020 => {
    const ajv = new Ajv2020(options);
    // No schema here asks for what was not evaluated, and Ajv's own code for it breaks on some.
    ajv.opts.unevaluated = false;
    return ajv;
  };

  it.each([
    ['2020-12', judge2020, {}],
    ['draft-07', () => new Ajv(options), { $schema: SCHEMA_07 }],
  ])('are judged as Ajv judges them, %s', (dialect, ajv, head) => {
    const judge = (made: object, values: readonly unknown[]): void => {
      fc.pre(dialect === '2020-12' || !newerKeywords.test(JSON.stringify(made)));
      const own = { ...head, ...made, $defs: definitions };
      const theirs = ajv().compile({ ...made, $defs: definitions });
      for (const each of values) expect(accepts(own, each), JSON.stringify({ made, each })).toBe(theirs(each));
    };
    fc.assert(fc.property(schema, fc.array(value, { minLength: 1, maxLength: 5 }), judge), { numRuns: 400 });
  });
});
