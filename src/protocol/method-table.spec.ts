// What a method says of its answers, as the table takes it: nothing is asked of a team, and what it says wrongly ends the start.
import { ApplicationConfig, type DiscoveryService } from '@nestjs/core';
import { MessageBody, SubscribeMessage } from '@nestjs/websockets';
import { IsString, ValidateNested } from 'class-validator';
import { expect, it } from 'vitest';

import { TrafficMeter } from '../connection/traffic-meter.js';
import { AgentGateway } from '../extension/agent-gateway.decorator.js';
import { Answers } from '../extension/answers.decorator.js';
import { Open } from '../extension/requires.decorator.js';
import { MethodTable } from './method-table.js';

class TextDto {
  @IsString()
  text!: string;
}

class NamelessDto {
  @ValidateNested({ each: true })
  texts!: TextDto[];
}

@AgentGateway()
class GoodGateway {
  @SubscribeMessage('team.say')
  @Open()
  @Answers(TextDto, { summary: 'Says it.', failures: ['not_found'] })
  say(@MessageBody() params: TextDto): TextDto {
    return params;
  }

  @SubscribeMessage('team.hush')
  @Open()
  hush(): void {}
}

@AgentGateway()
class WrongGateway {
  @SubscribeMessage('team.say')
  @Open()
  @Answers(NamelessDto)
  say(): void {}
}

function compiled(gateway: new () => object): MethodTable {
  const wrapper = { instance: new gateway(), metatype: gateway, isDependencyTreeStatic: () => true };
  const discovery = { getProviders: () => [wrapper] } as unknown as DiscoveryService;
  const guard = { canActivate: () => true } as never;
  const table = new MethodTable(discovery, new TrafficMeter(), guard, guard, guard, guard);
  table.compile(new ApplicationConfig());
  return table;
}

it('a method may say what it answers, or not', () => {
  const table = compiled(GoodGateway);
  expect(table.find('team.say')?.answers).toEqual({ result: TextDto, summary: 'Says it.', failures: ['not_found'] });
  expect(table.find('team.hush')?.answers).toBeUndefined();
});

it('a class that cannot describe a result ends the start', () => {
  expect(() => compiled(WrongGateway)).toThrow('NamelessDto.texts: @ValidateNested needs @Type');
});
