import 'reflect-metadata';

import { Injectable, Module, Scope, type Type } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { IsInt, IsNumber } from 'class-validator';
import { describe, expect, it } from 'vitest';

import { fakeCaller } from '../extension/testing/fake-caller.js';
import { Tool, type ToolCaller } from '../extension/tool.decorator.js';
import { BuiltinTools } from './builtin.tools.js';
import { LocalToolSource } from './local-tool-source.js';
import { ToolRegistry } from './tool-registry.js';

class AddDto {
  @IsInt()
  a!: number;

  @IsInt()
  b!: number;
}

class SumDto {
  @IsNumber()
  sum!: number;
}

@Injectable()
class Adder {
  private readonly bias = 0;

  @Tool({
    name: 'add',
    description: 'Adds',
    input: AddDto,
    output: SumDto,
    scopes: ['math'],
    timeoutMs: 5,
    annotations: { readOnlyHint: true },
  })
  add({ a, b }: AddDto): SumDto {
    return { sum: a + b + this.bias };
  }
}

@Injectable()
class Inherited extends Adder {}

@Injectable({ scope: Scope.REQUEST })
class PerRequest {
  @Tool({ name: 'per_request', description: 'x' })
  run(): string {
    return '';
  }
}

class Named {
  @Tool({ name: 'no spaces', description: 'x' })
  run(): string {
    return '';
  }
}

async function start(...providers: Type[]) {
  @Module({ providers })
  class Elsewhere {}
  const module = await Test.createTestingModule({
    imports: [DiscoveryModule, Elsewhere],
    providers: [ToolRegistry, LocalToolSource],
  }).compile();
  await module.init();
  return module.get(ToolRegistry);
}

describe('the tools of the server itself', () => {
  it('are the decorated methods of all providers', async () => {
    const registry = await start(Adder, BuiltinTools);
    expect(registry.list('any').map(({ name }) => name)).toEqual(['add', 'echo']);
    const add = registry.find('any', 'add');
    expect(add).toMatchObject({
      description: 'Adds',
      source: 'local',
      scopes: ['math'],
      timeoutMs: 5,
      annotations: { readOnlyHint: true },
      inputSchema: { type: 'object', properties: { a: { type: 'integer' }, b: { type: 'integer' } }, required: ['a', 'b'] },
      outputSchema: { properties: { sum: { type: 'number' } } },
    });
    expect(add?.validate({ a: 1, b: 'x' })).toEqual([{ path: '/b', message: expect.any(String) }]);
    expect(add?.validate({ a: 1, b: 2 })).toBeNull();
    expect(add?.execute({ a: 1, b: 2 }, fakeCaller() as ToolCaller)).toEqual({ sum: 3 });
  });

  it('include echo, which gives back any object as it came', async () => {
    const echo = (await start(BuiltinTools)).find('any', 'echo');
    const args = JSON.parse('{"content":[{"type":"text"}],"__proto__":{"x":1},"s":"\\ud800"}') as Record<string, unknown>;
    expect(echo?.validate(args)).toBeNull();
    const returned = echo?.execute(args, fakeCaller() as ToolCaller);
    expect(returned).toEqual({ content: [{ type: 'text', text: JSON.stringify(args) }], structured: args });
  });

  it.each<[string, Type[], RegExp]>([
    ['of one name', [Adder, Inherited], /two tools are named add; the second is Inherited.add/],
    ['with a malformed name', [Named], /"no spaces" of Named.run/],
    ['of a provider that is made for each request', [PerRequest], /per_request: PerRequest is not a singleton/],
  ])('%s stop the start', async (_, providers, message) => {
    await expect(start(...providers)).rejects.toThrow(message);
  });
});
