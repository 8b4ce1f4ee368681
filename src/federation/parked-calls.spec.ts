import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { InputRequired, type CallingClient } from '../extension/calling-client.js';
import { fakeCallingClient } from '../extension/testing/fake-calling-client.js';
import { NoOutcome } from '../tools/tool-source.js';
import type { LiveCaller, UpstreamCaller } from './live-call.js';
import { ParkedCalls } from './parked-calls.js';

const ANSWER_MS = 1_000;
const QUESTION = { method: 'elicitation/create', params: { message: 'Your name?' } } as const;
const NAME = { action: 'accept' };

const never = new AbortController().signal;

function callerOf(more: Partial<CallingClient> = {}, id = 'p', signal = never): UpstreamCaller {
  return { principal: { id, tenant: 't', scopes: [] }, meta: {}, signal, client: fakeCallingClient(more) };
}

const ask = (caller: LiveCaller): Promise<object> => caller.ask?.(QUESTION, never) ?? Promise.reject(new Error('nobody to ask'));
const failure = (error: unknown): unknown => (error instanceof NoOutcome ? error.failure.kind : error);

/** Runs until something is asked. */
async function asked(calls: ParkedCalls, caller: UpstreamCaller, work: (caller: LiveCaller) => Promise<unknown>): Promise<InputRequired> {
  const error: unknown = await calls.run(caller, 60_000, work).catch((thrown: unknown) => thrown);
  if (!(error instanceof InputRequired)) throw new Error(`not asked: ${String(error)}`);
  return error;
}

const nameIn = ({ requests }: InputRequired): string => Object.keys(requests)[0] as string;

describe('a call that asks its caller', () => {
  let calls: ParkedCalls;
  beforeEach(() => {
    vi.useFakeTimers();
    calls = new ParkedCalls(ANSWER_MS);
  });
  afterEach(() => void vi.useRealTimers());

  it('goes on with the answer, in one piece', async () => {
    let runs = 0;
    const needed = await asked(calls, callerOf(), async (caller) => (runs++, ask(caller)));
    expect(needed.requests).toEqual({ [nameIn(needed)]: QUESTION });
    const back = callerOf({ responses: { [nameIn(needed)]: NAME }, state: needed.state });
    expect(await calls.run(back, 0, async () => 'another')).toEqual(NAME);
    expect([runs, calls.size]).toEqual([1, 0]);
  });

  it('asks again who comes back without an answer', async () => {
    const first = await asked(calls, callerOf(), ask);
    const second = await asked(calls, callerOf({ state: first.state }), ask);
    expect(second.requests).toEqual(first.requests);
  });

  it('is over where its caller comes back again and again without an answer', async () => {
    let refused: unknown;
    const work = (caller: LiveCaller): Promise<unknown> => ask(caller).catch((error: unknown) => (refused = error));
    let { state } = await asked(calls, callerOf(), work);
    for (let round = 1; round < 24; round++) ({ state } = await asked(calls, callerOf({ state }), work));
    expect(await calls.run(callerOf({ state }), 0, work).catch(failure)).toBe('unavailable');
    await vi.advanceTimersByTimeAsync(0);
    expect([calls.size, refused]).toEqual([0, expect.objectContaining({ code: -1 })]);
  });

  it('asks nothing that was taken back already', async () => {
    const work = (caller: LiveCaller): Promise<unknown> =>
      caller.ask?.(QUESTION, AbortSignal.abort()).catch(() => 'without it') ?? Promise.resolve('nobody to ask');
    expect(await calls.run(callerOf(), 60_000, work)).toBe('without it');
  });

  it('waits for the next question where one is taken back as it is asked', async () => {
    const work = async (caller: LiveCaller): Promise<unknown> => {
      await Promise.resolve();
      const controller = new AbortController();
      const first = caller.ask?.(QUESTION, controller.signal);
      controller.abort();
      await first?.catch(() => undefined);
      return ask(caller);
    };
    const needed = await asked(calls, callerOf(), work);
    expect(needed.requests).toEqual({ 'question-2': QUESTION });
  });

  it('is there once', async () => {
    const { state } = await asked(calls, callerOf(), ask);
    await asked(calls, callerOf({ state }), ask);
    expect(await calls.run(callerOf({ state }), 0, ask).catch(failure)).toBe('unavailable');
  });

  it('is over when the time for an answer is', async () => {
    let ended: unknown;
    const { state } = await asked(calls, callerOf(), async (caller) => {
      caller.signal.addEventListener('abort', () => (ended = caller.signal.reason));
      return ask(caller);
    });
    vi.advanceTimersByTime(ANSWER_MS + 5_000);
    expect(ended).toMatchObject({ kind: 'timed_out' });
    expect(await calls.run(callerOf({ state }), 0, ask).catch(failure)).toBe('unavailable');
  });

  it('is over when it is known that nobody comes back', async () => {
    let refused: unknown;
    const needed = await asked(calls, callerOf(), async (caller) => ask(caller).catch((error: unknown) => (refused = error)));
    needed.onAbandoned?.(new Error('the user said no'));
    await vi.advanceTimersByTimeAsync(0);
    expect([calls.size, refused]).toEqual([0, expect.objectContaining({ code: -1, message: 'the user said no' })]);
  });

  it('has its own outcome where that comes first', async () => {
    let finish: ((value: string) => void) | undefined;
    const { state } = await asked(calls, callerOf(), async (caller) => {
      ask(caller).catch(() => undefined);
      return new Promise((resolve) => (finish = resolve));
    });
    finish?.('without it');
    await vi.advanceTimersByTimeAsync(0);
    expect(await calls.run(callerOf({ state }), 0, ask)).toBe('without it');
  });

  it('spends no time while it waits, and is given up where nothing is heard of it', async () => {
    let ended: unknown;
    const work = async (caller: LiveCaller): Promise<unknown> => {
      caller.signal.addEventListener('abort', () => (ended = caller.signal.reason));
      await ask(caller);
      return new Promise(() => undefined);
    };
    const error = (await calls.run(callerOf(), 100, work).catch((thrown: unknown) => thrown)) as InputRequired;
    vi.advanceTimersByTime(500);
    expect(ended).toBeUndefined();
    void calls.run(callerOf({ responses: { [nameIn(error)]: NAME }, state: error.state }), 0, work);
    await vi.advanceTimersByTimeAsync(100);
    expect(ended).toMatchObject({ code: 'REQUEST_TIMEOUT' });
  });

  it('asks so many times, and no client for what it cannot', async () => {
    let refused: unknown;
    const endless = async (caller: LiveCaller): Promise<unknown> => {
      try {
        for (;;) await ask(caller);
      } catch (error) {
        return (refused = error);
      }
    };
    let needed = await asked(calls, callerOf(), endless);
    for (let round = 1; round < 16; round++)
      needed = await asked(calls, callerOf({ responses: { [nameIn(needed)]: NAME }, state: needed.state }), endless);
    await calls.run(callerOf({ responses: { [nameIn(needed)]: NAME }, state: needed.state }), 0, endless);
    expect(refused).toMatchObject({ code: -1, message: expect.stringContaining('16') as string });
    const roots = (caller: LiveCaller): Promise<unknown> => caller.ask?.({ method: 'roots/list' }, never) ?? Promise.resolve();
    await expect(calls.run(callerOf(), 60_000, roots)).rejects.toMatchObject({ message: expect.stringContaining('roots') as string });
    await expect(calls.run(callerOf({ capabilities: { roots: {} } }), 60_000, ask)).rejects.toThrow('nobody to ask');
  });

  it('waits beside so many others of its principal, and no more', async () => {
    for (let i = 0; i < 32; i++) await asked(calls, callerOf(), ask);
    expect(await calls.run(callerOf(), 60_000, ask).catch(failure)).toBe('unavailable');
    await asked(calls, callerOf({}, 'another'), ask);
    expect(calls.size).toBe(33);
  });

  it('is aborted with its caller’s call, in any round', async () => {
    let ended: unknown;
    const work = async (caller: LiveCaller): Promise<unknown> => {
      await ask(caller);
      return new Promise((_, reject) => {
        caller.signal.addEventListener('abort', () => reject((ended = caller.signal.reason) as Error));
      });
    };
    const needed = await asked(calls, callerOf(), work);
    const controller = new AbortController();
    const back = callerOf({ responses: { [nameIn(needed)]: NAME }, state: needed.state }, 'p', controller.signal);
    const rest = calls.run(back, 0, work).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(0);
    controller.abort(new Error('gone'));
    expect([await rest, ended]).toEqual([new Error('gone'), new Error('gone')]);
  });
});
