import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { fakeCaller } from '../extension/testing/fake-caller.js';
import { FakeChannel } from '../extension/testing/fake-channel.js';
import { recordedAnswerMigration } from '../storage/recorded-answer.js';
import { readEventCursor } from './event-cursor.js';
import { EventHarness, settled } from './testing/event-harness.js';

let harness: EventHarness;
beforeEach(() => {
  harness = new EventHarness();
});
afterEach(() => harness.remove());

const publish = (event: string, data: unknown, tenant = 'acme') => harness.publishing.publish(fakeCaller({ tenant }), { event, data });
const logged = () => harness.database.prepare('SELECT seq, tenant, event, data, at FROM event_log ORDER BY seq').all();

describe('an event that a client publishes', () => {
  it('is in the log of its tenant when it is answered, and reaches subscribers', async () => {
    const { channel } = harness.subscribe({ events: ['order.*'] });
    await settled();
    const { cursor } = await publish('order.paid', { n: 1 });
    expect(logged()).toEqual([{ seq: readEventCursor(cursor), tenant: 'acme', event: 'order.paid', data: '{"n":1}', at: 1_000_000 }]);
    expect(channel.paramsOf('event')).toMatchObject([{ event: 'order.paid', cursor, data: { n: 1 } }]);
  });

  it.each([null, 0, 'text', [1, [2]], { a: { b: null } }, JSON.parse('{"__proto__":{"x":1}}')])('may have %j as its data', async (data) => {
    const { channel } = harness.subscribe();
    await settled();
    await publish('a', data);
    expect(JSON.stringify(channel.paramsOf('event')[0]?.['data'])).toBe(JSON.stringify(data));
  });

  it.each(['context.created', 'tool.mine', 'agent.x', 'server.y', 'a..b', 'a.*', 'a b', 'a\u0000'])(
    'may not be named %j',
    async (event) => {
      await expect(publish(event, {})).rejects.toMatchObject({ kind: 'invalid_params', data: { errors: [{ path: '/event' }] } });
      expect(logged()).toEqual([]);
    },
  );

  const circular: Record<string, unknown> = {};
  circular['self'] = circular;

  it.each([undefined, 5n, circular, () => 1, '\ud800', Infinity])('that is no JSON is refused (%#)', async (data) => {
    const errors = [{ path: expect.stringMatching(/^\/data/) }];
    await expect(publish('a', data)).rejects.toMatchObject({ kind: 'invalid_params', data: { errors } });
  });

  it('that would not fit into a message is refused with the limit', async () => {
    await expect(publish('a', 'x'.repeat(65_536 - 1024 - 1))).rejects.toMatchObject({
      kind: 'too_large',
      message: expect.stringMatching(/64513 bytes exceeds 64512/),
    });
    await expect(publish('a', 'x'.repeat(65_536 - 1024 - 2))).resolves.toHaveProperty('cursor');
  });

  it('is one change with the record that it was published', async () => {
    harness.database.writer.exec(recordedAnswerMigration.sql);
    const once = { principalId: 'p', method: 'event.publish', key: 'k', paramsHash: 'h', recorded: false };
    const answer = await harness.publishing.publish({ ...fakeCaller(), once }, { event: 'a', data: 1 });
    expect(once.recorded).toBe(true);
    expect(harness.database.prepare('SELECT principal, key, answer FROM recorded_answer').all()).toEqual([
      { principal: 'p', key: 'k', answer: JSON.stringify(answer) },
    ]);
  });

  it('that cannot be written is refused, and nothing is recorded', async () => {
    harness.database.writer.exec('DROP TABLE event_log');
    const once = { principalId: 'p', method: 'event.publish', key: 'k', paramsHash: 'h', recorded: false };
    await expect(harness.publishing.publish({ ...fakeCaller(), once }, { event: 'a', data: 1 })).rejects.toThrow();
    expect(once.recorded).toBe(false);
  });
});

describe('an event that a module of this server publishes', () => {
  const publishOwn = (event: string, data: unknown) => harness.publishing.publishOwn('acme', event, data);

  it('is in the log of the tenant, reaches who is subscribed, and who comes later asks for it by cursor', async () => {
    const { channel } = harness.subscribe({ events: ['billing.*'] });
    const { channel: others } = harness.subscribe({ events: ['**'] }, new FakeChannel(), 'globex');
    await settled();
    const { cursor: before } = await publishOwn('a', 0);
    const { cursor } = await publishOwn('billing.charged', { cents: 3 });
    expect(channel.paramsOf('event')).toMatchObject([{ event: 'billing.charged', cursor, data: { cents: 3 } }]);
    const { channel: later } = harness.subscribe({ events: ['billing.*'], since: before });
    await settled();
    expect(later.paramsOf('event')).toMatchObject([{ event: 'billing.charged', cursor, data: { cents: 3 } }]);
    expect(others.paramsOf('event')).toEqual([]);
  });

  it('has its data as JSON has it', async () => {
    await publishOwn('a', { at: new Date(0), note: undefined, list: [undefined] });
    expect(logged()).toMatchObject([{ data: '{"at":"1970-01-01T00:00:00.000Z","list":[null]}' }]);
  });

  const circular: Record<string, unknown> = {};
  circular['self'] = circular;

  it.each([
    ['tool.mine', {}],
    ['a..b', {}],
    ['a', undefined],
    ['a', () => 1],
    ['a', 5n],
    ['a', circular],
    ['a', '\ud800'],
    ['a', { toJSON: () => Object.defineProperty({}, 'x', { enumerable: true, get: () => JSON.parse('no') }) }],
  ])('that cannot be published is the module’s mistake, and nothing is kept (%#)', async (event, data) => {
    await expect(publishOwn(event, data)).rejects.toThrow(TypeError);
    await expect(publishOwn(event, data)).rejects.toThrow(/^the event "[^"]+" is not published: /);
    expect(logged()).toEqual([]);
  });

  it('is for some tenant', async () => {
    await expect(harness.publishing.publishOwn('', 'a', {})).rejects.toThrow(TypeError);
  });

  it('that would not fit into a message is refused with the limit', async () => {
    await expect(publishOwn('a', 'x'.repeat(65_536))).rejects.toMatchObject({ kind: 'too_large' });
    expect(logged()).toEqual([]);
  });
});
