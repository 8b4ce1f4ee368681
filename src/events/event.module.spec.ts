import 'reflect-metadata';

import { Global, Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { Config } from '../config/config.js';
import { Clock } from '../extension/clock.js';
import { EventPublisher } from '../extension/event-publisher.js';
import { fakeCaller } from '../extension/testing/fake-caller.js';
import { FakeChannel } from '../extension/testing/fake-channel.js';
import { Database } from '../storage/database.js';
import { compileDto } from '../validation/compile-dto.js';
import { EventModule } from './event.module.js';
import { EventGateway } from './event.gateway.js';
import { PublishDto } from './publish.dto.js';
import { SubscribeDto } from './subscribe.dto.js';
import { UnsubscribeDto } from './unsubscribe.dto.js';
import { EventHarness, settled } from './testing/event-harness.js';

describe('the module', () => {
  let harness: EventHarness;
  let module: TestingModule;
  beforeEach(async () => {
    harness = new EventHarness();
    @Global()
    @Module({
      providers: [
        { provide: Database, useValue: harness.database },
        { provide: Clock, useValue: harness.clock },
        {
          provide: Config,
          useValue: {
            websocket: { maxMessageBytes: 65_536 },
            events: { retentionMs: 1, retentionCount: 1, sweepIntervalMs: 60_000 },
          },
        },
      ],
      exports: [Database, Clock, Config],
    })
    class Ground {}
    module = await Test.createTestingModule({ imports: [Ground, EventModule] }).compile();
    await module.init();
  });
  afterEach(async () => {
    await module.close();
    harness.remove();
  });

  it('is whole: subscribes, publishes and announces', async () => {
    const gateway = module.get(EventGateway);
    const channel = new FakeChannel();
    await gateway.subscribe({ events: ['**'] }, fakeCaller({ channel }));
    await settled();
    await gateway.publish({ event: 'a.b', data: 1 }, fakeCaller());
    module.get<EventPublisher>(EventPublisher).announce('acme', 'agent.connected', {});
    await module.get<EventPublisher>(EventPublisher).publish('acme', 'c.d', {});
    expect(channel.paramsOf('event').map(({ event }) => event)).toEqual(['a.b', 'agent.connected', 'c.d']);
    expect((await gateway.unsubscribe({}, fakeCaller({ channel }))).unsubscribed).toEqual(['**']);
  });
});

describe('params', () => {
  it.each([
    [SubscribeDto, { events: ['a'] }, null],
    [SubscribeDto, { events: ['a'], filter: { a: 1 }, since: 'latest' }, null],
    [SubscribeDto, {}, '/events'],
    [SubscribeDto, { events: [] }, '/events'],
    [SubscribeDto, { events: 'a' }, '/events'],
    [SubscribeDto, { events: [5] }, '/events/0'],
    [SubscribeDto, { events: Array.from({ length: 101 }, () => 'a') }, '/events'],
    [SubscribeDto, { events: ['a'.repeat(257)] }, '/events/0'],
    [SubscribeDto, { events: ['a'], filter: [] }, '/filter'],
    [SubscribeDto, { events: ['a'], sinse: 'latest' }, '/sinse'],
    [UnsubscribeDto, {}, null],
    [UnsubscribeDto, { events: [''] }, '/events/0'],
    [PublishDto, { event: 'a', data: null }, null],
    [PublishDto, { event: 'a', data: [1] }, null],
    [PublishDto, { event: '', data: 1 }, '/event'],
  ])('are checked (%#: wrong at $2)', (dto, params, path) => {
    expect(compileDto(dto).validate(params)?.[0]?.path ?? null).toBe(path);
  });
});
