// What the document makes of methods that the built-in ones are not like: test/protocol/async-api.spec.ts has those.
import { Type } from 'class-transformer';
import { IsIn, IsOptional, IsString, ValidateNested } from 'class-validator';
import { describe, expect, it } from 'vitest';

import { Alias } from '../extension/alias.decorator.js';
import type { Method } from '../protocol/method.js';
import { compileDto } from '../validation/compile-dto.js';
import { asyncApi } from './async-api.js';

class NodeDto {
  @IsString()
  name!: string;

  @IsOptional()
  @ValidateNested()
  @Type(() => NodeDto)
  next?: NodeDto;
}

class ParamsDto {
  @Alias('id', 'ref')
  @IsIn(['#', 'b'])
  node_id!: string;

  @IsOptional()
  @ValidateNested()
  @Type(() => NodeDto)
  under?: NodeDto;
}

function method(parts: Partial<Method>): Method {
  return {
    name: 'team.do',
    number: 0x1000,
    meterIndex: 0,
    scope: undefined,
    gateway: {},
    handler: {},
    params: undefined,
    answers: undefined,
    guards: [],
    invoke: () => undefined,
    ...parts,
  };
}

interface Document {
  readonly operations: Readonly<
    Record<string, { description: string; messages: { $ref: string }[]; reply: { messages: { $ref: string }[] } }>
  >;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>>; readonly messages: Readonly<Record<string, unknown>> };
}

const documentOf = (methods: Method[], throughNest: string[] = []): Document =>
  asyncApi({ all: () => methods, throughNest: new Set(throughNest) }, '1.2.3') as Document;

const codesOf = (document: Document, key: string): string[] =>
  (document.operations[key]?.reply.messages ?? [])
    .map(({ $ref }) => $ref.slice($ref.lastIndexOf('/') + 1))
    .filter((message) => message.startsWith('error.'));

describe('the AsyncAPI document', () => {
  it('has a method that states nothing: any object in, anything out', () => {
    const { operations, components } = documentOf([method({})]);
    expect(operations['team.do']).toMatchObject({ action: 'receive', title: 'team.do', 'x-mcpw-method-number': 0x1000 });
    expect(operations['team.do']).not.toHaveProperty('x-mcpw-scope');
    expect(components.schemas).toMatchObject({ 'team.do.params': { type: 'object' }, 'team.do.result': {} });
  });

  it('tells aliases', () => {
    const { operations, components } = documentOf([method({ params: compileDto(ParamsDto) })]);
    expect(components.schemas['team.do.params']).toMatchObject({ 'x-mcpw-aliases': { id: 'node_id', ref: 'node_id' } });
    expect(operations['team.do']?.description).toContain('`ref` for `node_id`');
  });

  it('lets a schema refer to itself by where it stands', () => {
    const { components } = documentOf([method({ params: compileDto(ParamsDto), answers: { result: NodeDto } })]);
    const params = '#/components/schemas/team.do.params';
    expect(components.schemas['team.do.params']).toMatchObject({
      properties: { node_id: { enum: ['#', 'b'] }, under: { $ref: `${params}/definitions/NodeDto` } },
      definitions: { NodeDto: { properties: { next: { $ref: `${params}/definitions/NodeDto` } } } },
    });
    expect(components.schemas['team.do.result']).toMatchObject({ properties: { next: { $ref: '#/components/schemas/team.do.result' } } });
    expect(JSON.stringify(components)).not.toContain('$defs');
  });

  it('has what may be answered to nobody as a notification too', () => {
    class NothingDto {}
    const { operations } = documentOf([method({ answers: { result: NothingDto } })]);
    expect(operations['team.do']?.messages.map(({ $ref }) => $ref)).toEqual([
      '#/channels/endpoint/messages/team.do.request',
      '#/channels/endpoint/messages/team.do.notification',
    ]);
  });

  it('keys a method by its number where its name can be no key, or is one of the document’s own', () => {
    const { operations } = documentOf([
      method({ name: 'team/do it' }),
      method({ name: 'send.event', number: 0x1001 }),
      method({ name: 'ping', number: 0x1002 }),
    ]);
    expect(operations).toMatchObject({
      'method-4096': { title: 'team/do it' },
      'method-4097': { title: 'send.event' },
      'method-4098': { title: 'ping' },
      'send.event': { action: 'send' },
      ping: { reply: { messages: [{ $ref: '#/channels/endpoint/messages/pong' }] } },
    });
  });

  it('adds to the errors of all methods those that this one may be answered with', () => {
    const of = (parts: Partial<Method>, throughNest: string[] = []): string[] =>
      codesOf(documentOf([method(parts)], throughNest), 'team.do');
    const plain = of({});
    expect(plain).toContain('error.4003');
    for (const code of ['error.4005', 'error.4009', 'error.4012']) expect(plain).not.toContain(code);
    expect(of({ params: compileDto(ParamsDto) })).toContain('error.4005');
    expect(of({ scope: 'team:do' })).toContain('error.4012');
    expect(of({}, ['team.do'])).toContain('error.4012');
    expect(of({ answers: { result: NodeDto, failures: ['not_found'] } })).toContain('error.4009');
  });
});
