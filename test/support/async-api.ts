// A server's AsyncAPI document, held against AsyncAPI's own schema and against what the server really sends.
import { createRequire } from 'node:module';

import { Ajv, type ErrorObject } from 'ajv';
import { expect } from 'vitest';

import { ERROR, NOTIFICATION, REQUEST, RESPONSE, type Received } from './message.js';
import type { TestServer } from './start-server.js';

interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

interface Reference {
  readonly $ref: string;
}

interface Operation {
  readonly action: 'send' | 'receive';
  readonly messages: readonly Reference[];
  readonly reply?: { readonly messages: readonly Reference[] };
  readonly 'x-mcpw-method-number'?: number;
  readonly 'x-mcpw-scope'?: string;
}

interface Document {
  readonly operations: Readonly<Record<string, Operation>>;
  readonly channels: { readonly endpoint: { readonly messages: Readonly<Record<string, Reference>> } };
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly messages: Readonly<Record<string, { readonly payload: Schema }>>;
  };
}

export const ASYNC_API = '/api/docs/asyncapi.json';
const ID = 'https://mcpw.test/asyncapi.json';

const require = createRequire(import.meta.url);
/** AsyncAPI 3.0's own. The other form of it names its parts by ids that are those of draft-07 too. */
const SPECIFICATION = require('@asyncapi/specs/schemas/3.0.0-without-$id.json') as object;

export class AsyncApi {
  private readonly ajv = new Ajv({ strict: true, allowUnionTypes: true, validateFormats: false, allErrors: true });
  /** Members that results and notifications were seen to have: `context.get.result/items/id`. */
  private readonly seen = new Set<string>();

  private constructor(
    readonly document: Document,
    readonly text: string,
  ) {
    this.ajv.addVocabulary(['components', 'x-mcpw-aliases']);
    this.ajv.addSchema({ $id: ID, components: document.components }, ID, false, false);
  }

  static async of(server: TestServer): Promise<AsyncApi> {
    const { status, body } = await server.rest('GET', ASYNC_API, undefined, null);
    expect(status).toBe(200);
    return new AsyncApi(body as Document, JSON.stringify(body));
  }

  /** Valid by AsyncAPI's schema, and all that it refers to is there. */
  expectValid(): void {
    const check = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(SPECIFICATION);
    check(this.document);
    expect(check.errors ?? []).toEqual([]);
    for (const [, reference] of this.text.matchAll(/"\$ref":"([^"]*)"/g)) expect(this.at(reference ?? ''), reference).toBeDefined();
    const { messages } = this.document.channels.endpoint;
    for (const { messages: own, reply } of Object.values(this.document.operations))
      for (const { $ref } of [...own, ...(reply?.messages ?? [])]) expect(Object.keys(messages)).toContain($ref.split('/').at(-1));
  }

  /** The methods that the server answers. */
  get methods(): Readonly<Record<string, Operation>> {
    return this.operations('receive');
  }

  /** What it sends by itself: notifications, and what it asks agents. */
  get sent(): Readonly<Record<string, Operation>> {
    return this.operations('send');
  }

  expectParams(method: string, params: unknown): void {
    expect(this.errorsOf(`schemas/${method}.params`, params), `params of ${method}: ${JSON.stringify(params)}`).toEqual([]);
  }

  /** A response or an error to a request of the method's is one of its replies. */
  expectAnswer(method: string, answer: Received): void {
    expect(answer.type).toBeOneOf([RESPONSE, ERROR]);
    const key = answer.type === ERROR ? `error.${answer.error?.code}` : `${method}.result`;
    const replies = this.document.operations[method]?.reply?.messages.map(({ $ref }) => $ref.split('/').at(-1));
    expect(replies, `replies of ${method}`).toContain(key);
    this.expectMessage(key, answer);
    if (answer.type === RESPONSE) this.see(key, answer.result);
  }

  /** A notification or a request of the server's own. */
  expectSent(message: Received): void {
    expect(message.type).toBeOneOf([NOTIFICATION, REQUEST]);
    const key = `send.${message.method}`;
    this.expectMessage(key, message);
    this.see(`${key}.params`, message.params);
  }

  /** Members of results and of what is sent that no message has had. */
  unseen(): string[] {
    const kinds = [...Object.keys(this.methods).map((name) => `${name}.result`), ...Object.keys(this.sent).map((key) => `${key}.params`)];
    return kinds.flatMap((key) => this.membersOf({ $ref: `#/components/schemas/${key}` }, key)).filter((member) => !this.seen.has(member));
  }

  private operations(action: Operation['action']): Readonly<Record<string, Operation>> {
    const all = Object.entries(this.document.operations);
    return Object.fromEntries(all.filter(([, operation]) => operation.action === action && 'x-mcpw-method-number' in operation));
  }

  /** The whole envelope of a text message; of a frame, which has none, what it carries. */
  private expectMessage(key: string, { encoding, batched: _, ...envelope }: Received): void {
    const what = `${key}: ${JSON.stringify(envelope)}`;
    const { properties = {} } = this.document.components.messages[key]?.payload ?? {};
    if (encoding === 'json') {
      expect(this.errorsOf(`messages/${key}/payload`, envelope), what).toEqual([]);
      expect(Object.keys(properties), what).toEqual(expect.arrayContaining(Object.keys(envelope)));
      return;
    }
    for (const part of ['params', 'result', 'error'] as const)
      if (part in properties) expect(this.errorsOf(`messages/${key}/payload/properties/${part}`, envelope[part]), what).toEqual([]);
  }

  private errorsOf(component: string, value: unknown): readonly ErrorObject[] {
    const check = this.ajv.getSchema(`${ID}#/components/${component}`);
    if (check === undefined) throw new Error(`no ${component} in the document`);
    return check(value) === true ? [] : (check.errors ?? []);
  }

  private at(reference: string): unknown {
    const parts = reference.slice(2).split('/');
    return parts.reduce<unknown>((part, name) => (part as Record<string, unknown> | undefined)?.[name], this.document);
  }

  private membersOf(schema: Schema, path: string): string[] {
    if (schema.$ref !== undefined) return this.membersOf(this.at(schema.$ref) as Schema, path);
    if (schema.items !== undefined) return this.membersOf(schema.items, path);
    return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => [
      `${path}/${name}`,
      ...this.membersOf(member, `${path}/${name}`),
    ]);
  }

  private see(path: string, value: unknown): void {
    if (Array.isArray(value)) for (const item of value) this.see(path, item);
    else if (typeof value === 'object' && value !== null) {
      for (const [name, member] of Object.entries(value)) {
        this.seen.add(`${path}/${name}`);
        this.see(`${path}/${name}`, member);
      }
    }
  }
}
