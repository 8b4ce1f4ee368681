import { describe, expect, it } from 'vitest';

import type { PreparedEvent } from './prepared-event.js';
import { RecentEvents } from './recent-events.js';

const MAX_EVENTS = 1024;
const MAX_CHARACTERS = 2_097_152;

describe('events that were prepared a short while ago', () => {
  const event = (seq: number, data = '{}') => ({ seq, event: 'a.b', at: 0, data });

  it('are no more than they may be: the oldest go', () => {
    const recent = new RecentEvents();
    const first: PreparedEvent[] = [];
    for (let seq = 0; seq < MAX_EVENTS; seq++) first.push(recent.prepare(event(seq)));
    expect(recent.prepare(event(0)), 'as many as it may').toBe(first[0]);
    recent.prepare(event(MAX_EVENTS));
    expect(recent.prepare(event(1))).toBe(first[1]);
    expect(recent.prepare(event(0)), 'and one more').not.toBe(first[0]);
  });

  it('are no more characters than they may be', () => {
    const recent = new RecentEvents();
    const half = `"${'x'.repeat(MAX_CHARACTERS / 2 - 2)}"`;
    const [first, second] = [recent.prepare(event(0, half)), recent.prepare(event(1, half))];
    expect(recent.prepare(event(0, half)), 'as many as it may').toBe(first);
    recent.prepare(event(2, '1'));
    expect(recent.prepare(event(1, half))).toBe(second);
    expect(recent.prepare(event(0, half)), 'and one more').not.toBe(first);
  });

  it('are counted down as they go: what was large once takes no room from what comes later', () => {
    const recent = new RecentEvents();
    for (let seq = 0; seq < 10; seq++) recent.prepare(event(seq, `"${'x'.repeat(MAX_CHARACTERS - 2)}"`));
    const small = recent.prepare(event(10));
    for (let seq = 11; seq < 10 + MAX_EVENTS; seq++) recent.prepare(event(seq));
    expect(recent.prepare(event(10))).toBe(small);
  });
});
