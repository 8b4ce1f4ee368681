import { describe, expect, it } from 'vitest';

import { baseUrlOf } from './base-url.js';
import { OpenApiDocument } from './document.js';
import { readOperations } from './operation.js';

const withPaths = (paths: object, more: object = {}): string => JSON.stringify({ openapi: '3.1.0', info: {}, paths, ...more });
const operationsOf = (text: string) => {
  const leftOut: string[] = [];
  const operations = readOperations(OpenApiDocument.parse(text), (id, why) => leftOut.push(`${id}: ${why}`));
  return { operations, leftOut };
};
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- any schema
const schemaOf = (schema: object, components: object = {}): any =>
  operationsOf(
    withPaths({ '/a': { post: { operationId: 'a', requestBody: { content: { 'application/json': { schema } } } } } }, { components }),
  ).operations[0]?.inputSchema;

describe('a document', () => {
  it.each([
    ['text', 'just text'],
    ['{"a"', 'is not JSON'],
    ['a: [', 'is not YAML'],
    ['{"openapi":"4.0.0","paths":{}}', 'says version "4.0.0"'],
    ['{"openapi":"3.1.0"}', 'has no paths'],
    [`{"openapi":"3.1.0","paths":${'{"a":'.repeat(300)}1${'}'.repeat(300)}}`, 'is nested deeper'],
  ])('is not %s', (text, why) => {
    expect(() => OpenApiDocument.parse(text)).toThrow(why === 'just text' ? 'is not an OpenAPI document' : why);
  });

  it('may be Swagger 2.0', () => {
    const text = JSON.stringify({
      swagger: '2.0',
      host: 'api.example.com',
      basePath: '/v1',
      schemes: ['https'],
      paths: {
        '/a': {
          post: {
            operationId: 'a',
            consumes: ['application/json'],
            parameters: [{ in: 'body', name: 'b', schema: { $ref: '#/definitions/T' } }],
          },
        },
      },
      definitions: { T: { type: 'object', properties: { x: { type: 'integer' } } } },
    });
    expect(operationsOf(text).operations[0]?.inputSchema).toMatchObject({
      properties: { body: { $ref: '#/$defs/T' } },
      $defs: { T: { properties: { x: { type: 'integer' } } } },
    });
    expect(baseUrlOf(OpenApiDocument.parse(text), { document: 'a.json' } as never)).toBe('https://api.example.com/v1');
  });

  it('finds what its references point to, and nothing else', () => {
    const document = OpenApiDocument.parse(
      withPaths(
        { '/a~b': { get: {} } },
        { components: { x: { $ref: '#/components/y' }, y: { z: 1 }, c: { $ref: '#/components/d' }, d: { $ref: '#/components/c' } } },
      ),
    );
    expect(document.at('#/paths/~1a~0b/get')).toEqual({});
    expect(document.resolve({ $ref: '#/components/x' })).toEqual({ z: 1 });
    expect(() => document.resolve({ $ref: '#/components/c' })).toThrow('in circles');
    for (const reference of ['#/nowhere', '#/components/toString', '#/__proto__', 'other.yaml#/a', 'http://169.254.169.254/']) {
      expect(() => document.at(reference), reference).toThrow('refers to');
    }
  });
});

describe('where an API is', () => {
  const at = (servers: unknown, document: string, baseUrl?: string): string =>
    baseUrlOf(OpenApiDocument.parse(withPaths({}, { servers })), { document, baseUrl } as never);

  it('is what the configuration says, else what the document says', () => {
    expect(at([{ url: 'https://a.example/v1/' }], 'a.yaml')).toBe('https://a.example/v1');
    expect(at([{ url: 'https://a.example/v1/' }], 'a.yaml', 'http://b.example/')).toBe('http://b.example');
    expect(at([{ url: '{s}://{h}/x', variables: { s: { default: 'https' }, h: { default: 'c.example' } } }], 'a.yaml')).toBe(
      'https://c.example/x',
    );
    expect(at([{ url: '/v2' }], 'https://d.example/docs/openapi.json')).toBe('https://d.example/v2');
    expect(at(undefined, 'https://d.example/docs/openapi.json')).toBe('https://d.example');
  });

  it('is not told by a relative server of a file, nor by a document for another host than its own', () => {
    expect(() => at([{ url: '/v2' }], 'a.yaml')).toThrow('set baseUrl');
    expect(() => at([{ url: 'http://169.254.169.254/' }], 'https://d.example/openapi.json')).toThrow('set baseUrl');
  });
});

describe('operations', () => {
  it('are named, and take the parameters of their path as well', () => {
    const { operations } = operationsOf(
      withPaths({
        '/a/{id}/b': {
          parameters: [
            { name: 'id', in: 'path', required: true },
            { name: 'q', in: 'query', schema: { type: 'string' } },
          ],
          get: { parameters: [{ name: 'q', in: 'query', schema: { type: 'integer' } }] },
        },
      }),
    );
    expect(operations).toMatchObject([
      { id: 'get_a_id_b', method: 'GET', inputSchema: { required: ['id'], properties: { q: { type: 'integer' } } } },
    ]);
  });

  it('that cannot be read are left out, and named', () => {
    const { operations, leftOut } = operationsOf(
      withPaths({
        '/a': { get: { operationId: 'a' }, post: { operationId: 'a' } },
        '/b': { get: { operationId: 'b', parameters: [{ $ref: 'other.yaml#/x' }] } },
        '/c': { get: { operationId: 'c', parameters: [{ name: 'Host', in: 'header', schema: {} }] } },
        '/d': {
          post: { operationId: 'd', requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/None' } } } } },
        },
      }),
    );
    expect(operations.map(({ id }) => id)).toEqual(['a']);
    expect(leftOut).toEqual([
      'a: another operation has its id',
      'b: refers to another document: other.yaml#/x',
      'c: takes the header Host, which no argument may set',
      'd: refers to #/components/schemas/None, which is not there',
    ]);
  });

  it('bring the schemas that they refer to, each once, in circles too', () => {
    const components = {
      schemas: {
        Node: { type: 'object', properties: { next: { $ref: '#/components/schemas/Node' }, leaf: { $ref: '#/components/schemas/Leaf' } } },
        Leaf: { type: 'string', example: 'x', 'x-own': 1 },
        Unused: {},
      },
    };
    expect(schemaOf({ type: 'array', items: { $ref: '#/components/schemas/Node' } }, components)).toEqual({
      type: 'object',
      additionalProperties: false,
      properties: { body: { type: 'array', items: { $ref: '#/$defs/Node' } } },
      $defs: {
        Node: { type: 'object', properties: { next: { $ref: '#/$defs/Node' }, leaf: { $ref: '#/$defs/Leaf' } } },
        Leaf: { type: 'string' },
      },
    });
  });

  it('keep members that are called like keywords, and data that looks like schemas', () => {
    const schema = {
      type: 'object',
      properties: { example: { type: 'string' }, $ref: { type: 'string' }, 'x-a': { type: 'integer' } },
      default: { example: 1 },
      enum: [{ $ref: 'data' }],
    };
    expect(schemaOf(schema).properties.body).toEqual(schema);
  });

  it('of more parts than anybody writes are left out', () => {
    const properties = Object.fromEntries(Array.from({ length: 20_001 }, (_, i) => [`p${i}`, {}]));
    const { leftOut } = operationsOf(
      withPaths({ '/a': { post: { operationId: 'a', requestBody: { content: { 'application/json': { schema: { properties } } } } } } }),
    );
    expect(leftOut[0]).toContain('more than 20000 parts');
  });
});
