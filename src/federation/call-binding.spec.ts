import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { CallBinding } from './call-binding.js';

interface Call {
  readonly name: string;
  readonly asked?: { readonly owner: string };
  readonly signal?: AbortSignal;
}

const call = (name: string, owner = name, signal?: AbortSignal): Call => ({
  name,
  asked: { owner },
  ...(signal !== undefined && { signal }),
});

let binding: CallBinding<Call>;
/** One way for all, as a pipe is. */
let pipe: EventEmitter;
let found: (Call | undefined)[];

beforeEach(() => {
  binding = new CallBinding();
  found = [];
  pipe = CallBinding.outside(() => new EventEmitter().on('request', () => found.push(binding.find())));
});

/** A request that comes by the pipe, whoever reads it. */
const comes = (): Call | undefined => CallBinding.outside(() => (pipe.emit('request'), found.at(-1)));

describe('a request of the other side', () => {
  it('that comes by the stream of a call is about that call, whatever else is under way', async () => {
    const calls = [call('a'), call('b')];
    const bound = calls.map((one) =>
      binding.during(one, async () => {
        await delay(1);
        return binding.find();
      }),
    );
    expect(await Promise.all(bound)).toEqual(calls);
  });

  it('that comes by the stream of a call that is over is about none', async () => {
    let late: Promise<Call | undefined> | undefined;
    await binding.during(call('a'), async () => {
      late = delay(5).then(() => binding.find());
    });
    await binding.during(call('b'), () => delay(10));
    expect(await late).toBeUndefined();
  });

  it('that comes by a way of all is about the only call under way', async () => {
    expect(comes()).toBeUndefined();
    const only = call('a');
    await binding.during(only, async () => {
      expect(comes()).toBe(only);
      await binding.during(call('b', 'a'), async () => expect(comes()).toBeUndefined());
      expect(comes()).toBe(only);
      await binding.during({ name: 'of the server itself' }, async () => expect(comes()).toBe(only));
    });
    expect(comes()).toBeUndefined();
  });

  describe('after a call that was given up', () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());

    it('is not shown to another’s caller until it is long over', async () => {
      const gone = call('a', 'Ada', AbortSignal.abort());
      await binding.during(gone, async () => undefined);
      const same = call('b', 'Ada');
      await binding.during(same, async () => expect(comes()).toBe(same));
      const other = call('c', 'Eve');
      await binding.during(other, async () => {
        expect(comes()).toBeUndefined();
        vi.advanceTimersByTime(60_000);
        expect(comes()).toBe(other);
      });
    });
  });
});
