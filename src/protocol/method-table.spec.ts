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

/** A gateway with one method, decorated as is said. */
function gatewayWith(name: string, answers: MethodDecorator = () => undefined): new () => object {
  @AgentGateway()
  class OtherGateway {
    @SubscribeMessage(name)
    @Open()
    @answers
    say(): void {}
  }
  return OtherGateway;
}

function compiled(...gateways: (new () => object)[]): MethodTable {
  const wrappers = gateways.map((gateway) => ({ instance: new gateway(), metatype: gateway, isDependencyTreeStatic: () => true }));
  const discovery = { getProviders: () => wrappers } as unknown as DiscoveryService;
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

class RulelessDto {
  text!: string;
}

it.each([
  ['no class at all', undefined],
  ['a function', () => 1],
  ['an object', {}],
  ['a class without rules', RulelessDto],
  ['a built-in class', String],
])('%s as what is answered ends the start, with the handler’s name', (_, result) => {
  expect(() => compiled(gatewayWith('team.say', Answers(result as never)))).toThrow(
    /^OtherGateway\.say \(team\.say\): @Answers needs a class/,
  );
});

it('a failure that is none ends the start', () => {
  const answers = Answers(TextDto, { failures: ['not_found', 'nonsense' as never] });
  expect(() => compiled(gatewayWith('team.say', answers))).toThrow(/OtherGateway\.say \(team\.say\): @Answers names nonsense/);
});

it.each(['', 'nodot', 'a b.c', '.a', 'a.', 'a..b', 'ü.x', 'tool.mine', 'context.mine', 'session.x', 'event.mine'])(
  'a method named %j ends the start',
  (name) => {
    expect(() => compiled(gatewayWith(name))).toThrow(/^OtherGateway\.say: the method's name "/);
  },
);

it('two methods of one name end the start, with the names of both gateways', () => {
  expect(() => compiled(GoodGateway, gatewayWith('team.say'))).toThrow('two gateways handle team.say: GoodGateway and OtherGateway');
});
