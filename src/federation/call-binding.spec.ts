import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

import { ProtocolError, SdkError, SdkErrorCode } from '@modelcontextprotocol/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { CallBinding } from './call-binding.js';
import { STREAM_ENDED } from './http-transport.js';

interface Call {
  readonly name: string;
  readonly asked?: { readonly owner: string };
}

const call = (name: string, owner = name): Call => ({ name, asked: { owner } });

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

  describe('after a call', () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());

    const ended = (owner: string, error: Error): Promise<unknown> =>
      binding.during(call('a', owner), () => Promise.reject(error)).catch((thrown: unknown) => thrown);

    it.each([
      ['that its caller took back', new DOMException('gone', 'AbortError')],
      ['that ran out of the time of its request', new SdkError(SdkErrorCode.RequestTimeout, 'Request timed out')],
      ['whose stream ended', new ProtocolError(STREAM_ENDED, 'the stream ended')],
    ])('%s is not shown to another’s caller until it is long over', async (_, error) => {
      expect(await ended('Ada', error)).toBe(error);
      const same = call('b', 'Ada');
      await binding.during(same, async () => expect(comes()).toBe(same));
      const other = call('c', 'Eve');
      await binding.during(other, async () => {
        expect(comes()).toBeUndefined();
        vi.advanceTimersByTime(60_000);
        expect(comes()).toBe(other);
      });
    });

    it('that was answered, be it with an error, is about the next one at once', async () => {
      await binding.during(call('a', 'Ada'), async () => undefined);
      await ended('Ada', new ProtocolError(-32_602, 'no such tool'));
      const other = call('b', 'Eve');
      await binding.during(other, async () => expect(comes()).toBe(other));
    });
  });
});
