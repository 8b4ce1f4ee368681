import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { Failure } from '../extension/failure.js';
import { fakeCaller } from '../extension/testing/fake-caller.js';
import { FakeChannel } from '../extension/testing/fake-channel.js';
import { writeEventCursor } from './event-cursor.js';
import { EventHarness, numbers, settled } from './testing/event-harness.js';

let harness: EventHarness;
beforeEach(() => {
  harness = new EventHarness();
});
afterEach(() => harness.remove());

const refusal = (path: string) =>
  expect.objectContaining({ kind: 'invalid_params', data: { errors: [{ path, message: expect.any(String) }] } }) as Failure;

describe('subscribing', () => {
  it('answers with the patterns, each once, and an id of the width that messages leave room for', () => {
    const { subscription_id, subscribed, status } = harness.subscribe({ events: ['a.b', 'c.*', 'a.b'] });
    expect(subscription_id).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect([subscribed, status]).toEqual([['a.b', 'c.*'], 'active']);
    expect(harness.events.subscriptionCount).toBe(1);
  });

  it.each([
    [{ events: ['ok', 'a..b'] }, '/events/1'],
    [{ filter: { $where: 1 } }, '/filter/$where'],
    [{ since: 'yesterday' }, '/since'],
    [{ since: 'EARLIEST' }, '/since'],
    [{ since: writeEventCursor(1) }, '/since'],
  ])('with %j is refused, naming %s, and makes nothing', (params, path) => {
    expect(() => harness.subscribe(params)).toThrow(refusal(path));
    expect(harness.events.subscriptionCount).toBe(0);
  });

  it('ends at 1,000 subscriptions of a connection', () => {
    const channel = new FakeChannel();
    for (let i = 0; i < 1_000; i++) harness.subscribe({ events: ['a'] }, channel);
    expect(() => harness.subscribe({ events: ['a'] }, channel)).toThrow(/1000 subscriptions/);
    expect(() => harness.subscribe({ events: ['a'] })).not.toThrow();
  });

  it('ends at filters of 16,384 characters each, and of 262,144 for a connection', () => {
    const channel = new FakeChannel();
    const filter = (length: number) => ({ a: 'x'.repeat(length - '{"a":""}'.length) });
    expect(() => harness.subscribe({ events: ['a'], filter: filter(16_385) }, channel)).toThrow(refusal('/filter'));
    for (let i = 0; i < 16; i++) harness.subscribe({ events: ['a'], filter: filter(16_384) }, channel);
    expect(() => harness.subscribe({ events: ['a'], filter: filter(8) }, channel)).toThrow(/262144 characters/);
    harness.subscribe({ events: ['a'] }, channel);
    harness.subscribe({ events: ['a'], filter: filter(8) }, new FakeChannel());
  });

  it('ends at patterns of a tenant with 200,000 parts, those that begin alike counted once, and begins again when they are gone', () => {
    const crowd: FakeChannel[] = [];
    let made = 0;
    const subscribe = (count: number): void => {
      const channel = new FakeChannel();
      crowd.push(channel);
      for (let i = 0; i < count; i += 100) {
        harness.subscribe({ events: Array.from({ length: 100 }, () => `p${made++}${'.x'.repeat(31)}`) }, channel);
      }
    };
    subscribe(6_200);
    expect(() => subscribe(100)).toThrow(/200000 parts/);
    const same = { events: [`p0${'.x'.repeat(31)}`] };
    harness.subscribe(same, new FakeChannel());
    for (const channel of crowd) channel.close();
    subscribe(100);
  });

  it('ends at 10,000 patterns of a connection', () => {
    const channel = new FakeChannel();
    const hundred = Array.from({ length: 100 }, (_, i) => `p${i}`);
    for (let i = 0; i < 100; i++) harness.subscribe({ events: hundred }, channel);
    expect(() => harness.subscribe({ events: ['a'] }, channel)).toThrow(/10000 patterns/);
  });
});

describe('unsubscribing', () => {
  it('by id ends that one', async () => {
    const channel = new FakeChannel();
    const one = harness.subscribe({ events: ['a.b', 'x'] }, channel);
    const two = harness.subscribe({ events: ['a.*'] }, channel);
    await settled();
    expect(harness.events.unsubscribe(fakeCaller({ channel }), { subscription_id: one.id })).toEqual({
      unsubscribed: ['a.b', 'x'],
      status: 'success',
    });
    await harness.publish({ data: { n: 1 } });
    expect(channel.paramsOf('event').map(({ subscription_id }) => subscription_id)).toEqual([two.id]);
  });

  it('by patterns takes them from all, and ends those that are left with none', async () => {
    const channel = new FakeChannel();
    harness.subscribe({ events: ['a.b', 'c.d'] }, channel);
    harness.subscribe({ events: ['a.b'] }, channel);
    await settled();
    expect(harness.events.unsubscribe(fakeCaller({ channel }), { events: ['a.b', 'never'] })).toEqual({
      unsubscribed: ['a.b'],
      status: 'success',
    });
    expect(harness.events.subscriptionCount).toBe(1);
    await harness.publish({ event: 'a.b', data: { n: 1 } }, { event: 'c.d', data: { n: 2 } });
    expect(numbers(channel)).toEqual([2]);
  });

  it('by patterns of one subscription leaves the others alone', () => {
    const channel = new FakeChannel();
    const { id } = harness.subscribe({ events: ['a', 'b'] }, channel);
    harness.subscribe({ events: ['a'] }, channel);
    expect(harness.events.unsubscribe(fakeCaller({ channel }), { subscription_id: id, events: ['a'] }).unsubscribed).toEqual(['a']);
    expect(harness.events.snapshot(channel).map(({ patterns }) => patterns)).toEqual([['b'], ['a']]);
  });

  it('from all ends all of the connection, and no other', async () => {
    const channel = new FakeChannel();
    harness.subscribe({ events: ['a.b'] }, channel);
    harness.subscribe({ events: ['**'] }, channel);
    const other = harness.subscribe();
    await settled();
    expect(harness.events.unsubscribe(fakeCaller({ channel }), {}).unsubscribed).toEqual(['a.b', '**']);
    await harness.publish({ data: { n: 1 } });
    expect([numbers(channel), numbers(other.channel)]).toEqual([[], [1]]);
  });

  it("of another connection's subscription and of none at all are alike: nothing is ended", () => {
    const { id } = harness.subscribe();
    const channel = new FakeChannel();
    harness.subscribe({}, channel);
    for (const subscription_id of [id, 'nothing']) {
      expect(harness.events.unsubscribe(fakeCaller({ channel }), { subscription_id })).toEqual({ unsubscribed: [], status: 'success' });
    }
    expect(harness.events.unsubscribe(fakeCaller(), {})).toEqual({ unsubscribed: [], status: 'success' });
    expect(harness.events.subscriptionCount).toBe(2);
  });

  it('while behind is heeded', async () => {
    const { channel } = harness.subscribe({ events: ['a.b', 'c.d'] });
    await settled();
    channel.isWritable = false;
    await harness.publish({ event: 'a.b', data: { n: 1 } }, { event: 'c.d', data: { n: 2 } });
    harness.events.unsubscribe(fakeCaller({ channel }), { events: ['a.b'] });
    channel.drain();
    await settled();
    expect(numbers(channel)).toEqual([2]);
  });
});

describe('a session that goes on elsewhere', () => {
  it('has its subscriptions again, with their ids, from where they were acknowledged', async () => {
    const before = await harness.publish({ data: { n: 1 } });
    const first = harness.subscribe({ events: ['a.*'], filter: { n: { $ne: 4 } } });
    const second = harness.subscribe({ events: ['**'] }, first.channel);
    await settled();
    const [, three = 0] = await harness.publish(...[2, 3, 4, 5].map((n) => ({ data: { n } })));
    harness.events.acknowledge(fakeCaller({ channel: first.channel }), { [first.id]: writeEventCursor(three), gone: writeEventCursor(1) });
    const snapshot = harness.events.snapshot(first.channel);
    expect(snapshot).toEqual([
      { id: first.id, patterns: ['a.*'], filter: { n: { $ne: 4 } }, cursor: writeEventCursor(three) },
      { id: second.id, patterns: ['**'], cursor: writeEventCursor(before[0] ?? 0) },
    ]);
    first.channel.close();
    expect(harness.events.subscriptionCount).toBe(0);
    await harness.publish({ data: { n: 6 } });

    const channel = new FakeChannel('session-2');
    const resumed = structuredClone(snapshot);
    harness.events.restore(fakeCaller({ channel }), resumed, { [second.id]: writeEventCursor(three), __proto__: {} } as never);
    expect(channel.sent).toEqual([]);
    await settled();
    await harness.publish({ data: { n: 7 } });
    const got = (id: string) => channel.paramsOf('event').filter((params) => params['subscription_id'] === id);
    expect(got(first.id).map(({ data }) => data)).toEqual([5, 6, 7].map((n) => ({ n })));
    expect(got(second.id).map(({ data }) => data)).toEqual([4, 5, 6, 7].map((n) => ({ n })));
  });

  it('is not made in part when a cursor is none of this log', () => {
    const channel = new FakeChannel();
    const snapshot = ['A', 'B'].map((letter) => ({ id: letter.repeat(22), patterns: ['**'], cursor: writeEventCursor(0) }));
    expect(() => harness.events.restore(fakeCaller({ channel }), snapshot, { ['B'.repeat(22)]: writeEventCursor(99) })).toThrow(
      refusal(`/resume/cursors/${'B'.repeat(22)}`),
    );
    expect(harness.events.snapshot(channel)).toEqual([]);
  });
});

describe('acknowledging', () => {
  it('never goes back, and is refused whole for a cursor that is none', async () => {
    const { channel, id } = harness.subscribe();
    const [one = 0, two = 0] = await harness.publish({}, {});
    const caller = fakeCaller({ channel });
    const at = () => harness.events.snapshot(channel)[0]?.cursor;
    harness.events.acknowledge(caller, { [id]: writeEventCursor(two) });
    harness.events.acknowledge(caller, { [id]: writeEventCursor(one) });
    expect(at()).toBe(writeEventCursor(two));
    expect(() => harness.events.acknowledge(caller, { [id]: 'x' })).toThrow(refusal(`/cursors/${id}`));
    expect(() => harness.events.acknowledge(fakeCaller(), { [id]: writeEventCursor(one) })).not.toThrow();
  });
});

describe('changes of subscriptions', () => {
  it('are answered once the one who keeps the session has kept them', async () => {
    const channel = new FakeChannel();
    let isKept = (): void => undefined;
    harness.events.keepWith((changed) => (changed === channel ? new Promise((resolve) => (isKept = resolve)) : undefined));
    let answer: unknown;
    const answered = Promise.resolve(harness.events.kept(channel, 'answer')).then((given) => (answer = given));
    await Promise.resolve();
    expect(answer).toBeUndefined();
    isKept();
    await answered;
    expect(answer).toBe('answer');
    expect(harness.events.kept(new FakeChannel(), 'at once')).toBe('at once');
  });
});
