// Who gets which event, in which order, live and from the log.
import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { cpuMs } from '../extension/testing/cpu-ms.js';
import { fakeCaller } from '../extension/testing/fake-caller.js';
import { FakeChannel } from '../extension/testing/fake-channel.js';
import { writeEventCursor } from './event-cursor.js';
import { EventHarness, numbers, settled } from './testing/event-harness.js';

let harness: EventHarness;
beforeEach(() => {
  harness = new EventHarness();
});
afterEach(() => {
  vi.restoreAllMocks();
  harness.remove();
});

const numbered = (from: number, through: number, event = 'a.b') =>
  Array.from({ length: through - from + 1 }, (_, i) => ({ event, data: { n: from + i } }));
const range = (from: number, through: number) => Array.from({ length: through - from + 1 }, (_, i) => from + i);

describe('a live subscriber', () => {
  it('gets what fits its patterns, as the protocol shows it', async () => {
    const { channel, id } = harness.subscribe({ events: ['order.*'] });
    await settled();
    const [seq = 0] = await harness.publish(
      { event: 'order.paid', data: { n: 1 } },
      { event: 'order.line.added' },
      { event: 'invoice.sent' },
    );
    expect(channel.sent).toEqual([
      {
        method: 'event',
        params: {
          subscription_id: id,
          event: 'order.paid',
          cursor: writeEventCursor(seq),
          data: { n: 1 },
          timestamp: '1970-01-01T00:16:40.000Z',
        },
      },
    ]);
    expect(Object.keys(channel.sent[0]?.params ?? {})[0]).toBe('subscription_id');
  });

  it('gets an event once for each subscription, however many of its patterns fit', async () => {
    const { channel } = harness.subscribe({ events: ['a.b', 'a.*', '**'] });
    harness.subscribe({ events: ['a.b'] }, channel);
    await settled();
    await harness.publish({ data: { n: 1 } });
    expect(numbers(channel)).toEqual([1, 1]);
    expect(new Set(channel.paramsOf('event').map(({ subscription_id }) => subscription_id)).size).toBe(2);
  });

  it('gets only what its filter accepts', async () => {
    const { channel } = harness.subscribe({ filter: { n: { $gte: 3 } } });
    await settled();
    await harness.publish(...numbered(1, 5));
    expect(numbers(channel)).toEqual([3, 4, 5]);
  });

  it('gets nothing of another tenant', async () => {
    const { channel } = harness.subscribe();
    const other = harness.subscribe({}, new FakeChannel(), 'other');
    await settled();
    await harness.publish({ data: { n: 1 } }, { tenant: 'other', data: { n: 2 } });
    expect(numbers(channel)).toEqual([1]);
    expect(numbers(other.channel)).toEqual([2]);
  });

  it('gets the events in the order of the log, each encoded once for all', async () => {
    const receivers = Array.from({ length: 300 }, () => harness.subscribe());
    await settled();
    const forwarded = receivers.map(({ channel }) => vi.spyOn(channel, 'forward'));
    for (const event of numbered(1, 20)) await harness.publish(event);
    await settled();
    for (const { channel } of receivers) expect(numbers(channel)).toEqual(range(1, 20));
    const shared = forwarded.map((spy) => spy.mock.calls[7]?.[0]);
    expect(new Set(shared).size).toBe(1);
  });

  it('gets events of one name that follow one another as one piece, encoded once for all', async () => {
    const receivers = Array.from({ length: 300 }, () => harness.subscribe({ events: ['a.*'] }));
    await settled();
    const forwarded = receivers.map(({ channel }) => vi.spyOn(channel, 'forwardAll'));
    await harness.publish(...numbered(1, 20), ...numbered(21, 22, 'a.c'), { event: 'a.d', data: { n: 23 } }, ...numbered(24, 200, 'a.c'));
    await settled();
    for (const { channel } of receivers) expect(numbers(channel)).toEqual(range(1, 200));
    for (const [call, count] of [20, 2, 64, 64, 49].entries()) {
      const pieces = new Set(forwarded.map((spy) => spy.mock.calls[call]?.[0]));
      expect([...pieces].map((piece) => piece?.all.length)).toEqual([count]);
    }
  });

  it('gets what is large one by one', async () => {
    const { channel } = harness.subscribe();
    await settled();
    const forwardAll = vi.spyOn(channel, 'forwardAll');
    await harness.publish(...numbered(1, 4).map(({ data }) => ({ data: { ...data, text: 'x'.repeat(5_000) } })));
    expect(numbers(channel)).toEqual([1, 2, 3, 4]);
    expect(forwardAll).not.toHaveBeenCalled();
  });
});

describe('the answer of subscribe', () => {
  it('comes before the first event, however it is asked for', async () => {
    await harness.publish(...numbered(1, 3));
    const { channel } = harness.subscribe({ since: 'earliest' });
    await harness.publish({ data: { n: 4 } });
    await Promise.resolve();
    // All that a handler's promises could still wait for has run, and nothing is sent yet.
    expect(channel.sent).toEqual([]);
    await settled();
    expect(numbers(channel)).toEqual([1, 2, 3, 4]);
  });

  it('comes before the first event also where it waits for something', async () => {
    const channel = new FakeChannel();
    let answered = (): void => undefined;
    const caller = { ...fakeCaller({ channel }), onceAnswered: (task: () => void) => (answered = task) };
    harness.events.subscribe(caller, { events: ['**'] });
    await harness.publish({ data: { n: 1 } });
    await settled();
    expect(channel.sent).toEqual([]);
    answered();
    await settled();
    expect(numbers(channel)).toEqual([1]);
  });

  it('bears the cursor from which the events come', async () => {
    const seqs = await harness.publish(...numbered(1, 3));
    expect(harness.subscribe().cursor).toBe(writeEventCursor(seqs[2] ?? 0));
    expect(harness.subscribe({ since: writeEventCursor(seqs[0] ?? 0) }).cursor).toBe(writeEventCursor(seqs[0] ?? 0));
    expect(harness.subscribe({ since: 'earliest' }).cursor).toBe(writeEventCursor(0));
  });
});

describe('since', () => {
  it.each([
    ['earliest', range(1, 6)],
    ['latest', [6]],
    [undefined, [6]],
    [writeEventCursor(3), range(4, 6)],
    [writeEventCursor(5), [6]],
  ])('%s: live events follow without gap or duplicate', async (since, expected) => {
    await harness.publish(...numbered(1, 5));
    const { channel } = harness.subscribe(since === undefined ? {} : { since });
    await harness.publish({ data: { n: 6 } });
    await settled();
    expect(numbers(channel)).toEqual(expected);
  });

  it('reaches back over many pages while events go on being published', async () => {
    for (let i = 0; i < 10; i++) await harness.publish(...numbered(i * 100 + 1, i * 100 + 100));
    const subscribers = Array.from({ length: 20 }, () => harness.subscribe({ since: 'earliest' }));
    for (let n = 1001; n <= 1100; n++) {
      await harness.publish({ data: { n } });
      await settled(1);
    }
    await vi.waitFor(() => {
      for (const { channel } of subscribers) expect(channel.sent).toHaveLength(1100);
    });
    for (const { channel } of subscribers) expect(numbers(channel)).toEqual(range(1, 1100));
  });

  it('the cursor that publish answered with, though live delivery is not there yet, brings nothing twice', async () => {
    const crowd = Array.from({ length: 600 }, () => harness.subscribe({ filter: { n: { $exists: true } } }));
    await settled();
    vi.spyOn(performance, 'now').mockImplementation(ticking());
    const [, cursor = 0] = await harness.publish(...numbered(1, 2));
    expect(numbers(crowd[599]?.channel as FakeChannel)).toEqual([]);
    const { channel } = harness.subscribe({ since: writeEventCursor(cursor) });
    await settled(2000);
    await harness.publish({ data: { n: 3 } });
    await settled(2000);
    expect(numbers(channel)).toEqual([3]);
    for (const { channel: other } of crowd) expect(numbers(other)).toEqual([1, 2, 3]);
  });

  it('is continued over a restart', async () => {
    const [cursor = 0] = await harness.publish(...numbered(1, 3));
    harness.stop();
    const restarted = new EventHarness(harness.file);
    const { channel } = restarted.subscribe({ since: writeEventCursor(cursor) });
    await restarted.publish({ data: { n: 4 } });
    await settled();
    expect(numbers(channel)).toEqual([2, 3, 4]);
    restarted.stop();
    harness = new EventHarness(harness.file);
  });
});

/** A clock by which a slice is over after a few looks at it. */
function ticking(): () => number {
  let ms = 0;
  return () => (ms += 3);
}

describe('a subscriber that reads slowly', () => {
  it('has nothing sent or queued for it, and goes on from the log when it has caught up', async () => {
    const slow = harness.subscribe({ events: ['a.*'] }, new FakeChannel());
    const quick = harness.subscribe();
    await settled();
    slow.channel.drain(3);
    for (const event of numbered(1, 10)) await harness.publish(event);
    await harness.publish(...numbered(11, 20));
    expect(numbers(slow.channel)).toEqual([1, 2, 3]);
    expect(numbers(quick.channel)).toEqual(range(1, 20));
    slow.channel.drain(5);
    await settled();
    expect(numbers(slow.channel)).toEqual(range(1, 8));
    slow.channel.drain();
    await settled();
    await harness.publish({ data: { n: 21 } });
    expect(numbers(slow.channel)).toEqual(range(1, 21));
    expect(slow.channel.listenerCount).toBe(1);
  });

  it('gets of its many subscriptions each in order', async () => {
    const channel = new FakeChannel();
    const ids = Array.from({ length: 10 }, () => harness.subscribe({}, channel).id);
    await settled();
    for (let round = 0; round < 40; round++) {
      channel.drain(7);
      await harness.publish({ data: { n: round } });
      await settled(3);
    }
    channel.drain();
    await settled(100);
    for (const id of ids) {
      const mine = channel.paramsOf('event').filter(({ subscription_id }) => subscription_id === id);
      expect(mine.map(({ data }) => (data as { n: number }).n)).toEqual(range(0, 39));
    }
  });

  it('that goes away leaves nothing behind', async () => {
    const { channel } = harness.subscribe();
    await settled();
    channel.drain(1);
    for (const event of numbered(1, 5)) await harness.publish(event);
    channel.close();
    await settled();
    expect(channel.listenerCount).toBe(0);
    expect(harness.events.subscriptionCount).toBe(0);
    await harness.publish({ data: { n: 6 } });
    expect(numbers(channel)).toEqual([1]);
  });

  it('is not reached by passing events, and the others are', async () => {
    const slow = harness.subscribe();
    const quick = harness.subscribe({ events: ['tool.*'], filter: { tool: 'echo' } });
    const other = harness.subscribe({}, new FakeChannel(), 'other');
    await settled();
    slow.channel.isWritable = false;
    harness.announcer.announce('acme', 'tool.executed', { tool: 'echo' });
    harness.announcer.announce('acme', 'tool.executed', { tool: 'other' });
    harness.announcer.announce('nobody', 'tool.executed', { tool: 'echo' });
    slow.channel.drain();
    await settled();
    expect(quick.channel.sent).toEqual([
      {
        method: 'event',
        params: { subscription_id: quick.id, event: 'tool.executed', data: { tool: 'echo' }, timestamp: '1970-01-01T00:16:40.000Z' },
      },
    ]);
    expect([slow.channel.sent, other.channel.sent]).toEqual([[], []]);
  });
});

describe('what the log no longer holds', () => {
  it('is announced as a gap, and then it goes on', async () => {
    const { channel, id } = harness.subscribe();
    const finicky = harness.subscribe({ filter: { n: { $gt: 999 } } });
    await settled();
    channel.isWritable = finicky.channel.isWritable = false;
    const seqs = [];
    for (let i = 0; i < 3; i++) seqs.push(...(await harness.publish(...numbered(i * 50 + 1, i * 50 + 50))));
    await harness.sweeper.sweep();
    channel.drain();
    finicky.channel.drain();
    await settled();
    const gap = { from: writeEventCursor(0), to: writeEventCursor(seqs[49] ?? 0) };
    expect(channel.sent[0]).toEqual({ method: 'event.gap', params: { subscription_id: id, ...gap } });
    expect(numbers(channel)).toEqual(range(51, 150));
    expect(finicky.channel.sent).toEqual([]);
  });

  it('is announced also where nothing is left', async () => {
    const seqs = await harness.publish(...numbered(1, 5));
    harness.now += 60_001;
    await harness.sweeper.sweep();
    const { channel, id } = harness.subscribe({ since: writeEventCursor(seqs[1] ?? 0) });
    await settled();
    const gap = { from: writeEventCursor(seqs[1] ?? 0), to: writeEventCursor(seqs[4] ?? 0) };
    expect(channel.sent).toEqual([{ method: 'event.gap', params: { subscription_id: id, ...gap } }]);
    await harness.publish({ data: { n: 6 } });
    expect(numbers(channel)).toEqual([6]);
  });

  it('is no gap for who asks for the earliest that there is', async () => {
    await harness.publish(...numbered(1, 150));
    await harness.sweeper.sweep();
    const { channel } = harness.subscribe({ since: 'earliest' });
    await settled();
    expect(channel.paramsOf('event.gap')).toEqual([]);
    expect(numbers(channel)).toEqual(range(51, 150));
  });

  it('is remembered over a restart, so that no cursor is given twice', async () => {
    const seqs = await harness.publish(...numbered(1, 5));
    harness.now += 60_001;
    await harness.sweeper.sweep();
    harness.stop();
    const restarted = new EventHarness(harness.file);
    expect(restarted.subscribe().cursor).toBe(writeEventCursor(seqs[4] ?? 0));
    restarted.stop();
    harness = new EventHarness(harness.file);
  });
});

describe('too much at once', () => {
  it('is spread over turns of the event loop, and loses nothing', async () => {
    const receivers = Array.from({ length: 1_000 }, () => harness.subscribe());
    await settled();
    vi.spyOn(performance, 'now').mockImplementation(ticking());
    await harness.publish(...numbered(1, 8));
    expect(numbers(receivers[999]?.channel as FakeChannel)).not.toEqual(range(1, 8));
    const late = harness.subscribe({ since: 'earliest' });
    await settled(3_000);
    for (const { channel } of receivers) expect(numbers(channel)).toEqual(range(1, 8));
    expect(numbers(late.channel)).toEqual(range(1, 8));
  });

  it('is cut off within a piece as well, and of it nothing is lost or comes twice, with filters and without', async () => {
    const filters = [undefined, { n: { $gt: 2 } }, { n: { $lt: 6 } }];
    const receivers = Array.from({ length: 90 }, (_, i) => {
      const filter = filters[i % 3];
      return harness.subscribe(filter === undefined ? {} : { filter });
    });
    await settled();
    vi.spyOn(performance, 'now').mockImplementation(ticking());
    await harness.publish(...numbered(1, 8));
    const padding = 'x'.repeat(900_000);
    for (let round = 0; round < 4; round++) {
      await harness.publish(...Array.from({ length: 4 }, (_, i) => ({ data: { n: 9 + round * 4 + i, padding } })));
    }
    expect(harness.registry.receivers('acme', 'a.b').every(({ isLive }) => isLive)).toBe(false);
    await settled(3_000);
    for (const [i, { channel }] of receivers.entries()) {
      expect(numbers(channel)).toEqual([range(1, 24), range(3, 24), range(1, 5)][i % 3]);
    }
  });

  it('is cut off within a piece, and who has ended since does not take the others’ events along', async () => {
    const filter = { n: { $gt: 0 } };
    const [first, second] = [harness.subscribe({ filter }), harness.subscribe({ filter })];
    await settled();
    vi.spyOn(performance, 'now').mockImplementation(ticking());
    await harness.publish(...numbered(1, 8));
    expect(numbers(first.channel)).not.toEqual([]);
    expect(numbers(first.channel)).not.toEqual(range(1, 8));
    expect(numbers(second.channel)).toEqual([]);
    harness.events.unsubscribe(fakeCaller({ channel: first.channel }), {});
    await settled(200);
    expect(numbers(second.channel)).toEqual(range(1, 8));
  });

  it('of waiting events makes all read the log, and loses nothing', async () => {
    const receivers = Array.from({ length: 140 }, () => harness.subscribe());
    await settled();
    vi.spyOn(performance, 'now').mockImplementation(ticking());
    const padding = 'x'.repeat(900_000);
    for (let round = 0; round < 3; round++) {
      await harness.publish(...Array.from({ length: 5 }, (_, i) => ({ data: { n: round * 5 + i, padding } })));
    }
    expect(harness.registry.receivers('acme', 'a.b').every(({ isLive }) => isLive)).toBe(false);
    await settled(3_000);
    for (const { channel } of receivers) expect(numbers(channel)).toEqual(range(0, 14));
    vi.restoreAllMocks();
    await harness.publish({ data: { n: 15 } });
    expect(numbers(receivers[0]?.channel as FakeChannel)).toEqual(range(0, 15));
  });

  it('of events that are nearly empty is too much as well: what each takes beside its data counts', async () => {
    const { channel } = harness.subscribe({ filter: { n: { $gte: 0 } } });
    await settled();
    vi.spyOn(performance, 'now').mockImplementation(ticking());
    for (let round = 0; round < 20; round++) await harness.publish(...numbered(round * 1_000, round * 1_000 + 999));
    expect(harness.registry.receivers('acme', 'a.b').every(({ isLive }) => isLive)).toBe(false);
    vi.restoreAllMocks();
    await settled(500);
    expect(numbers(channel)).toEqual(range(0, 19_999));
  });

  it('to read is taken in slices, whatever a page holds', async () => {
    await harness.publish(...numbered(1, 50));
    vi.spyOn(performance, 'now').mockImplementation(ticking());
    const { channel } = harness.subscribe({ since: 'earliest' });
    await settled(1);
    expect(channel.sent.length).toBeLessThan(10);
    await settled(100);
    expect(numbers(channel)).toEqual(range(1, 50));
  });

  it('does not reach who has unsubscribed before its turn', async () => {
    const receivers = Array.from({ length: 400 }, () => harness.subscribe());
    await settled();
    vi.spyOn(performance, 'now').mockImplementation(ticking());
    await harness.publish(...numbered(1, 3));
    const last = receivers[399]?.channel as FakeChannel;
    const before = last.sent.length;
    harness.events.unsubscribe(fakeCaller({ channel: last }), {});
    await settled(200);
    expect(last.sent).toHaveLength(before);
    expect(numbers(receivers[398]?.channel as FakeChannel)).toEqual([1, 2, 3]);
  });

  it('never keeps the event loop for 50 ms while 200 read 2,000 events each', async () => {
    for (let i = 0; i < 20; i++) await harness.publish(...numbered(i * 100, i * 100 + 99));
    const subscribers = Array.from({ length: 200 }, () => harness.subscribe({ since: 'earliest' }, new CountingChannel()));
    let longestMs = 0;
    let lastMs = cpuMs();
    const total = () => subscribers.reduce((sum, { channel }) => sum + (channel as CountingChannel).count, 0);
    while (total() < 400_000) {
      await settled(1);
      const nowMs = cpuMs();
      longestMs = Math.max(longestMs, nowMs - lastMs);
      lastMs = nowMs;
    }
    expect(longestMs).toBeLessThan(50);
  });
});

class CountingChannel extends FakeChannel {
  count = 0;
  override forward(): void {
    this.count++;
  }
}

describe('trouble', () => {
  it('of the writer, which committed and did not say so, loses nothing', async () => {
    const { channel } = harness.subscribe();
    await settled();
    // Committed behind the back of the server, as by a writer that ended between its commit and its message.
    const unsaid = "INSERT INTO event_log (tenant, event, data, at) VALUES ('acme', 'a.b', '{\"n\":1}', 0)";
    harness.database.writer.exec(unsaid);
    await harness.publish({ data: { n: 2 } });
    await settled();
    await harness.publish({ data: { n: 3 } });
    expect(numbers(channel)).toEqual([1, 2, 3]);
  });

  it('with reading the log is logged, and tried again', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const warn = vi.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined);
    await harness.publish(...numbered(1, 2));
    const page = vi.spyOn(harness.log, 'page').mockImplementation(() => {
      throw new Error('disk I/O error');
    });
    const one = harness.subscribe({ since: 'earliest' });
    const two = harness.subscribe({ since: 'earliest' });
    await settled();
    expect(warn).toHaveBeenCalledTimes(1);
    const { channel: three } = harness.subscribe({ since: 'earliest' });
    await settled();
    expect(warn).toHaveBeenCalledTimes(1);
    page.mockRestore();
    await settled();
    expect(three.sent).toEqual([]);
    expect(one.channel.sent).toEqual([]);
    vi.advanceTimersByTime(1_000);
    vi.useRealTimers();
    await settled();
    expect([numbers(one.channel), numbers(two.channel)]).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });
});
