import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Config } from '../config/config.js';
import { Failure } from '../extension/failure.js';
import { fakeCaller } from '../extension/testing/fake-caller.js';
import { FakeChannel } from '../extension/testing/fake-channel.js';
import type { ToolCaller } from '../extension/tool.decorator.js';
import { FakeToolSource, fakeTool } from './testing/fake-tools.js';
import { ToolCatalog } from './tool-catalog.js';
import { ToolRegistry } from './tool-registry.js';
import { ToolRunner } from './tool-runner.js';
import { NoOutcome } from './tool-source.js';
import { ToolService } from './tool.service.js';

const TIMEOUT_MS = 1_000;
const announced: [tenant: string, event: string, data: Readonly<Record<string, unknown>>][] = [];
let now: number;
let seen: ToolCaller;
let release: (value: unknown) => void;

const held = (): Promise<object> => new Promise((resolve) => (release = resolve as typeof release));
const source = new FakeToolSource([
  fakeTool({ name: 'echo' }),
  fakeTool({ name: 'checked', validate: (args) => ('a' in args ? null : [{ path: '/a', message: 'is required' }]) }),
  fakeTool({ name: 'secret', scopes: ['vault:read'] }),
  fakeTool({
    name: 'look',
    execute: (_, caller) => {
      seen = caller;
      now += 12;
      return 'looked';
    },
  }),
  fakeTool({
    name: 'slow',
    execute: (_, caller) => {
      seen = caller;
      return held();
    },
  }),
  fakeTool({ name: 'hurried', timeoutMs: 200, execute: held }),
  fakeTool({
    name: 'refuses',
    execute: () => {
      throw new Failure('conflict', 'the account is closed', { account: 7 });
    },
  }),
  fakeTool({ name: 'breaks', execute: () => Promise.reject(new Error('password hunter2 is wrong')) }),
  fakeTool({ name: 'gone', execute: () => Promise.reject(new NoOutcome(new Failure('unavailable', 'no agent offers it any more'))) }),
  fakeTool({ name: 'circular', execute: (args) => Object.assign(args, { self: args }) }),
]);

let tools: ToolService;

beforeEach(() => {
  vi.useFakeTimers();
  now = 1_000;
  announced.length = 0;
  const registry = new ToolRegistry();
  registry.add(source);
  const runner = new ToolRunner({ announce: (...event) => announced.push(event) }, { now: () => now }, {
    tools: { timeoutMs: TIMEOUT_MS },
  } as Config);
  tools = new ToolService(registry, new ToolCatalog(registry), runner);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('executing a tool', () => {
  it('that answers at once is answered at once, with no timer and no signal made', () => {
    const timers = vi.getTimerCount();
    const controller = vi.spyOn(globalThis, 'AbortController');
    const caller = fakeCaller({ signal: new AbortController().signal });
    controller.mockClear();
    expect(tools.execute(caller, { name: 'echo', arguments: { a: [1] } })).toEqual({
      tool: 'echo',
      status: 'completed',
      result: { content: [{ type: 'text', text: '{"a":[1]}' }], structured: { a: [1] } },
      duration_ms: 0,
    });
    expect(vi.getTimerCount()).toBe(timers);
    expect(controller).not.toHaveBeenCalled();
  });

  it('takes no arguments as none, and tells how long it took', () => {
    expect(tools.execute(fakeCaller(), { name: 'echo' })).toMatchObject({ result: { structured: {} } });
    expect(tools.execute(fakeCaller(), { name: 'look' })).toMatchObject({ duration_ms: 12 });
  });

  it('that does not exist is not found', () => {
    expect(() => tools.execute(fakeCaller(), { name: 'nothing' })).toThrow(
      expect.objectContaining({ kind: 'not_found', message: 'tool nothing not found' }) as Failure,
    );
  });

  it.each([
    ['secret', ['tools:execute'], 'vault:read'],
    ['echo', ['tools:execute:look'], 'tools:execute:echo'],
  ])('%s with %j lacks %s', (name, scopes, scope) => {
    expect(() => tools.execute(fakeCaller({ scopes }), { name })).toThrow(
      expect.objectContaining({ kind: 'forbidden', data: { scope } }) as Failure,
    );
  });

  it('with wrong arguments names them, below /arguments', () => {
    expect(() => tools.execute(fakeCaller(), { name: 'checked', arguments: {} })).toThrow(
      expect.objectContaining({ kind: 'invalid_params', data: { errors: [{ path: '/arguments/a', message: 'is required' }] } }) as Failure,
    );
  });

  it('that refuses is a failed outcome in its own words', () => {
    expect(tools.execute(fakeCaller(), { name: 'refuses' })).toEqual({
      tool: 'refuses',
      status: 'failed',
      error: { message: 'the account is closed', data: { account: 7 } },
      duration_ms: 0,
    });
  });

  it.each(['breaks', 'circular'])(
    'that %s is a failed outcome that gives nothing away, with a reference that is in the log',
    async (name) => {
      const log = vi.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
      const outcome = await tools.execute(fakeCaller(), { name, arguments: {} });
      expect(outcome).toEqual({
        tool: name,
        status: 'failed',
        error: { message: 'the tool failed', data: { ref: expect.any(String) } },
        duration_ms: 0,
      });
      expect(log).toHaveBeenCalledWith(expect.objectContaining({ ref: (outcome.error?.data as { ref: string }).ref, tool: name }));
    },
  );

  it('that its source cannot run is answered with the reason', async () => {
    await expect(tools.execute(fakeCaller(), { name: 'gone' })).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('announces each outcome with ids and nothing of its content', async () => {
    vi.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
    await tools.execute(fakeCaller(), { name: 'echo', arguments: { text: 'private' } });
    await tools.execute(fakeCaller(), { name: 'breaks' });
    const ids = { principal_id: 'key:acme', session_id: 'session-1', request_id: 'r1', duration_ms: 0 };
    expect(announced).toEqual([
      ['acme', 'tool.executed', { tool: 'echo', ...ids }],
      ['acme', 'tool.failed', { tool: 'breaks', reason: 'failed', ...ids }],
    ]);
  });
});

describe('time', () => {
  it.each([
    ['slow', {}, TIMEOUT_MS],
    ['slow', { timeout_ms: 50 }, 50],
    ['slow', { timeout_ms: 99_999 }, TIMEOUT_MS],
    ['hurried', {}, 200],
    ['hurried', { timeout_ms: 150 }, 150],
  ])('of %s with %j is up after %d ms, though the tool does not heed its signal', async (name, meta, timeoutMs) => {
    const answer = expect(tools.execute(fakeCaller({ meta }), { name })).rejects.toMatchObject({ kind: 'timed_out' });
    vi.advanceTimersByTime(timeoutMs - 1);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(1);
    await answer;
    expect(vi.getTimerCount()).toBe(0);
    expect(announced).toMatchObject([['acme', 'tool.failed', { reason: 'timed_out' }]]);
  });

  it('that is up aborts the signal, and what the tool does then changes nothing', async () => {
    const answer = expect(tools.execute(fakeCaller(), { name: 'slow' })).rejects.toMatchObject({ kind: 'timed_out' });
    const { signal } = seen;
    expect(signal.aborted).toBe(false);
    vi.advanceTimersByTime(TIMEOUT_MS);
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toMatchObject({ kind: 'timed_out' });
    await answer;
    release('late');
    await Promise.resolve();
    expect(announced).toHaveLength(1);
  });

  it('is not waited for once the tool has answered', async () => {
    const answer = tools.execute(fakeCaller(), { name: 'slow' });
    release('done');
    expect(await answer).toMatchObject({ status: 'completed', result: { content: [{ type: 'text', text: 'done' }] } });
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a call that is given up', () => {
  it('answers with the reason, aborts the signal of the tool, and leaves nothing behind', async () => {
    const controller = new AbortController();
    const remove = vi.spyOn(controller.signal, 'removeEventListener');
    const add = vi.spyOn(controller.signal, 'addEventListener');
    const answer = expect(tools.execute(fakeCaller({ signal: controller.signal }), { name: 'slow' })).rejects.toMatchObject({
      kind: 'cancelled',
    });
    const { signal } = seen;
    controller.abort(new Failure('cancelled', 'cancelled by the caller'));
    expect(signal.reason).toMatchObject({ message: 'cancelled by the caller' });
    await answer;
    expect(vi.getTimerCount()).toBe(0);
    expect(remove.mock.calls.length).toBeGreaterThanOrEqual(add.mock.calls.length);
    expect(seen.signal.aborted).toBe(true);
  });

  it('before it began is not waited for', async () => {
    const signal = AbortSignal.abort(new Failure('unavailable', 'the connection has ended'));
    await expect(tools.execute(fakeCaller({ signal }), { name: 'slow' })).rejects.toMatchObject({ kind: 'unavailable' });
    expect(seen.signal.aborted).toBe(true);
  });

  it("does not hand the request's own claim to run once to what the tool uses", () => {
    const once = { principalId: 'p', method: 'tool.execute', key: 'k', paramsHash: 'h', recorded: false };
    void tools.execute({ ...fakeCaller(), once }, { name: 'look' });
    expect(seen.once).toBeUndefined();
  });
});

describe('progress', () => {
  const started = (stream: boolean) => {
    const channel = new FakeChannel();
    const answer = tools.execute(fakeCaller({ channel, requestId: 7 }), { name: 'slow', stream });
    return { channel, answer };
  };

  it('goes to a caller that asked for it, as it comes', () => {
    const { channel } = started(true);
    seen.progress(1);
    seen.progress(2, 4, 'half');
    seen.progress(NaN);
    expect(channel.sent).toEqual([
      { method: 'tool.progress', params: { request_id: 7, progress: 1 } },
      { method: 'tool.progress', params: { request_id: 7, progress: 2, total: 4, message: 'half' } },
    ]);
  });

  it('goes to no other', () => {
    const { channel } = started(false);
    seen.progress(1);
    expect(channel.sent).toEqual([]);
  });

  it('is only the latest for a peer that reads slowly', () => {
    const { channel } = started(true);
    channel.isWritable = false;
    for (let i = 1; i <= 100; i++) seen.progress(i, 100);
    expect(channel.sent).toEqual([]);
    channel.isWritable = true;
    seen.progress(100, 100);
    // What waits is not overtaken.
    expect(channel.sent).toEqual([]);
    channel.drain();
    expect(channel.sent).toEqual([{ method: 'tool.progress', params: { request_id: 7, progress: 100, total: 100 } }]);
    seen.progress(101);
    expect(channel.sent).toHaveLength(2);
  });

  it('after the answer is dropped, also what waited', async () => {
    const { channel, answer } = started(true);
    channel.isWritable = false;
    seen.progress(1);
    release('done');
    await answer;
    expect(channel.listenerCount).toBe(0);
    channel.drain();
    seen.progress(2);
    expect(channel.sent).toEqual([]);
  });
});
