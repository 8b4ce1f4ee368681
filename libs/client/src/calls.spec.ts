import { beforeEach, describe, expect, it } from 'vitest';

import { Calls, type CallOptions } from './calls.js';
import { settle } from './client-options.js';
import { ClientClosedError, ConnectionLostError, McpwError, QueueFullError, RequestTimeoutError } from './errors.js';
import { JsonCodec } from './json-codec.js';
import { FakeServer } from './testing/fake-server.js';
import { OPTIONS } from './testing/open-client.js';

interface Request {
  id: string;
  method: string;
  params: unknown;
  meta?: { idempotency_key?: string; timeout_ms?: number; traceparent?: string };
}

let server: FakeServer;
let calls: Calls;
let cancelled: unknown[];
let limits: number[];
let lastId: number;

/** What becomes of a promise, without waiting for it. */
function outcome(promise: Promise<unknown>): { value?: unknown; error?: unknown } {
  const seen: { value?: unknown; error?: unknown } = {};
  promise.then(
    (value) => (seen.value = value),
    (error: unknown) => (seen.error = error),
  );
  return seen;
}

function start(method: string, options: CallOptions = {}, params: unknown = {}): { value?: unknown; error?: unknown } {
  return outcome(calls.start(method, params, options));
}

/** Sends the next request. */
function send(maxBytes = 1_000_000): Request {
  return JSON.parse(String(calls.next(maxBytes))) as Request;
}

beforeEach(() => {
  server = new FakeServer();
  cancelled = [];
  limits = [];
  lastId = 0;
  calls = new Calls(server.platform, settle({ ...OPTIONS, maxWaiting: 3 }), new JsonCodec(), () => ++lastId, {
    ready: () => undefined,
    cancel: (_, params) => cancelled.push(params),
    limited: (retryAfterMs) => limits.push(retryAfterMs),
  });
  calls.connected();
});

describe('Calls', () => {
  it('settles each with the answer to its own id', async () => {
    const [a, b] = [start('tool.list'), start('context.list')];
    const [first, second] = [send(), send()];
    calls.succeeded(Number(second.id), 'second');
    calls.failed(Number(first.id), { code: 4009, message: 'no such thing', data: { a: 1 } });
    await server.clock.pass(0);
    expect(b.value).toBe('second');
    expect(a.error).toBeInstanceOf(McpwError);
    expect(a.error).toMatchObject({ code: 4009, name: 'not_found', message: 'no such thing', data: { a: 1 } });
    expect(server.clock.pending).toBe(0);
  });

  it('drops an answer that nobody waits for', () => {
    calls.succeeded(99, 'late');
    calls.failed(0, { code: 4000, message: 'about nothing' });
    expect(calls.inFlightCount).toBe(0);
  });

  it.each(['tool.execute', 'context.create', 'context.update', 'context.delete', 'event.publish', 'billing.charge'])(
    'gives %s an idempotency key of its own',
    (method) => {
      start(method);
      start(method);
      const keys = [send(), send()].map(({ meta }) => meta?.idempotency_key);
      expect(keys[0]).toMatch(/^[\w-]{22}$/);
      expect(keys[1]).not.toBe(keys[0]);
    },
  );

  it.each(['tool.list', 'context.get', 'context.list', 'context.search', 'event.subscribe', 'tool.register', 'session.authenticate'])(
    'gives %s none',
    (method) => {
      start(method);
      expect(send().meta).toBeUndefined();
    },
  );

  it("uses the caller's key and trace", () => {
    start('event.publish', { idempotencyKey: 'mine', traceparent: '00-a-b-01' });
    expect(send().meta).toEqual({ idempotency_key: 'mine', traceparent: '00-a-b-01' });
  });

  it('sends the client’s own before all others', () => {
    start('tool.list');
    start('event.subscribe', { isUrgent: true });
    expect([send().method, send().method]).toEqual(['event.subscribe', 'tool.list']);
  });

  it('tells a tool for how much longer it is waited for', async () => {
    start('tool.execute', { timeoutMs: 5_000 });
    await server.clock.pass(2_000);
    expect(send().meta?.timeout_ms).toBe(3_000);
  });

  it('repeats what was under way on the next connection, with the same key and another id, before what waited', async () => {
    const a = start('event.publish', {}, { event: 'a' });
    const b = start('context.get');
    const [first, second] = [send(), send()];
    start('tool.list');
    calls.lost(new Error('gone'));
    calls.succeeded(Number(first.id), 'an answer to the old id');
    calls.connected();
    const again = [send(), send(), send()];
    expect(again.map(({ method }) => method)).toEqual(['event.publish', 'context.get', 'tool.list']);
    expect(again[0]).toMatchObject({ params: first.params, meta: first.meta });
    expect(again[0]?.id).not.toBe(first.id);
    calls.succeeded(Number(again[0]?.id), 'first');
    calls.succeeded(Number(again[1]?.id), second.method);
    await server.clock.pass(0);
    expect([a.value, b.value]).toEqual(['first', 'context.get']);
  });

  it('fails what was about the connection itself', async () => {
    const [sent, waiting] = [start('tool.cancel'), start('event.subscribe', { isUrgent: true })];
    send();
    send();
    const delayed = start('event.subscribe', { isUrgent: true });
    calls.failed(Number(send().id), { code: 4002, message: 'slow down', data: { retry_after_ms: 700 } });
    const unsent = start('tool.register', { isUrgent: true });
    calls.lost(new Error('gone'));
    await server.clock.pass(700);
    for (const { error } of [sent, waiting, delayed, unsent]) expect(error).toBeInstanceOf(ConnectionLostError);
    expect(calls.hasUrgent || calls.hasWaiting).toBe(false);
  });

  it('does not repeat what changes something when its key may be forgotten', async () => {
    const seen = [start('event.publish', { timeoutMs: Infinity }), start('context.get', { timeoutMs: Infinity })];
    send();
    send();
    calls.lost(new Error('gone'));
    calls.connected();
    await server.clock.pass(9 * 60_000 + 1);
    expect(send().method).toBe('context.get');
    await server.clock.pass(0);
    expect(seen[0]?.error).toMatchObject({ name: 'ConnectionLostError', message: expect.stringContaining('may or may not have run') });
  });

  it('waits for a connection, but not for ever', async () => {
    calls.lost(new Error('gone'));
    const [a, b] = [start('tool.list', { timeoutMs: Infinity }), start('tool.list', { timeoutMs: Infinity })];
    await server.clock.pass(59_999);
    expect(a.error).toBeUndefined();
    await server.clock.pass(1);
    for (const { error } of [a, b]) expect(error).toMatchObject({ name: 'ConnectionLostError', message: 'no connection for 60000 ms' });
    expect(calls.hasWaiting).toBe(false);
  });

  it('no longer counts the wait for a connection when there is one', async () => {
    calls.lost(new Error('gone'));
    const seen = start('tool.list', { timeoutMs: Infinity });
    await server.clock.pass(59_000);
    calls.connected();
    await server.clock.pass(59_000);
    calls.lost(new Error('gone'));
    await server.clock.pass(59_000);
    expect(seen).toEqual({});
  });

  it('refuses more than may wait', async () => {
    for (let i = 0; i < 3; i++) start('tool.list');
    const [refused, own] = [start('tool.list'), start('event.subscribe', { isUrgent: true })];
    await server.clock.pass(0);
    expect(refused.error).toBeInstanceOf(QueueFullError);
    expect(own).toEqual({});
  });

  it('times out, wherever it is, and lets the tool know', async () => {
    const [sent, waiting] = [start('tool.execute', { timeoutMs: 100 }), start('tool.list', { timeoutMs: 100 })];
    const { id } = send();
    await server.clock.pass(100);
    for (const { error } of [sent, waiting]) expect(error).toBeInstanceOf(RequestTimeoutError);
    expect(cancelled).toEqual([{ request_id: id }]);
    expect([calls.inFlightCount, calls.hasWaiting, server.clock.pending]).toEqual([0, false, 0]);
  });

  it.each([
    ['tool.execute', true],
    ['billing.charge', true],
    ['context.update', false],
  ])('aborts %s with the signal’s reason; the server is told: %s', async (method, isTold) => {
    const controller = new AbortController();
    const seen = start(method, { signal: controller.signal });
    const { id } = send();
    controller.abort(new Error('changed my mind'));
    await server.clock.pass(0);
    expect(seen.error).toEqual(new Error('changed my mind'));
    expect(cancelled).toEqual(isTold ? [{ request_id: id }] : []);
    calls.succeeded(Number(id), 'late');
    expect(seen.value).toBeUndefined();
  });

  it('never sends what was aborted before', async () => {
    const controller = new AbortController();
    const waiting = start('tool.execute', { signal: controller.signal });
    controller.abort(new Error('no'));
    const never = start('tool.execute', { signal: controller.signal });
    await server.clock.pass(0);
    expect([waiting.error, never.error]).toEqual([new Error('no'), new Error('no')]);
    expect(calls.next(1_000)).toBeUndefined();
    expect(cancelled).toEqual([]);
  });

  it('asks again for what was refused for its rate, with the same key, and tells for how long nothing is taken', async () => {
    const seen = start('event.publish');
    const first = send();
    calls.failed(Number(first.id), { code: 4002, message: 'slow down', data: { retry_after_ms: 700, scope: 'user' } });
    expect([limits, calls.hasWaiting, server.clock.pending]).toEqual([[700], true, 1]);
    const second = send();
    expect(second.meta).toEqual(first.meta);
    calls.succeeded(Number(second.id), 'done');
    await server.clock.pass(0);
    expect(seen).toEqual({ value: 'done' });
  });

  it('asks again in the order in which it was asked, whatever was refused first', () => {
    for (const method of ['context.get', 'context.list', 'context.search']) start(method);
    const [first, second] = [send(), send()];
    for (const { id } of [second, first]) calls.failed(Number(id), { code: 4002, message: 'no', data: { retry_after_ms: 5 } });
    expect([send(), send(), send()].map(({ method }) => method)).toEqual(['context.get', 'context.list', 'context.search']);
  });

  it('heeds a refusal of what is no request', () => {
    calls.failed(0, { code: 4002, message: 'slow down', data: { retry_after_ms: 700, scope: 'connection' } });
    expect(limits).toEqual([700]);
  });

  it('holds nothing else back where only a tool’s rate is reached', async () => {
    start('tool.execute');
    calls.failed(Number(send().id), { code: 4002, message: 'slow down', data: { retry_after_ms: 700, scope: 'tool' } });
    expect(limits).toEqual([]);
    await server.clock.pass(699);
    expect(calls.hasWaiting).toBe(false);
    await server.clock.pass(1);
    expect(send().method).toBe('tool.execute');
  });

  it('asks again where the server was not available and says when', async () => {
    start('event.publish');
    calls.failed(Number(send().id), { code: 4016, message: 'busy', data: { retry_after_ms: 50 } });
    await server.clock.pass(50);
    expect(send().method).toBe('event.publish');
  });

  it.each([
    [4016, undefined],
    [4002, {}],
    [4003, { retry_after_ms: 5 }],
  ])('fails with %i and data %o', async (code, data) => {
    const seen = start('event.publish');
    calls.failed(Number(send().id), { code, message: 'no', data });
    await server.clock.pass(0);
    expect(seen.error).toBeInstanceOf(McpwError);
  });

  it('refuses by itself what the server would close the connection for', async () => {
    const seen = [start('event.publish', {}, { event: 'x', data: 'é'.repeat(600) }), start('tool.list')];
    expect(send(1_200).method).toBe('tool.list');
    await server.clock.pass(0);
    expect(seen[0]?.error).toMatchObject({ code: 4015, name: 'too_large' });
  });

  it('fails what cannot be encoded, and only that', async () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    const seen = start('event.publish', {}, circular);
    start('tool.list');
    expect(send().method).toBe('tool.list');
    await server.clock.pass(0);
    expect(seen.error).toBeInstanceOf(TypeError);
    expect(seen.error).toMatchObject({ message: expect.stringContaining('the params of event.publish cannot be sent: ') });
  });

  it.each([0, -1, NaN, '5s' as never])('refuses a time limit of %s', async (timeoutMs) => {
    const seen = start('tool.list', { timeoutMs });
    await server.clock.pass(0);
    expect(seen.error).toMatchObject({ name: 'InvalidOptionError', option: 'timeoutMs' });
    expect(calls.hasWaiting).toBe(false);
  });

  it('tells progress to whom it belongs', () => {
    const steps: unknown[] = [];
    start('tool.execute', { onProgress: (step) => steps.push(step) });
    const { id } = send();
    calls.progressed(Number(id), { progress: 1, total: 2 });
    calls.progressed(99, { progress: 2 });
    expect(steps).toEqual([{ progress: 1, total: 2 }]);
  });

  it('fails everything, everywhere, when there will be no connection any more', async () => {
    const sent = start('tool.execute');
    const delayed = start('event.publish');
    send();
    calls.failed(Number(send().id), { code: 4002, message: 'slow down', data: { retry_after_ms: 700 } });
    const all = [sent, delayed, start('tool.list'), start('event.subscribe', { isUrgent: true })];
    calls.stop(new ClientClosedError());
    all.push(start('tool.list'));
    await server.clock.pass(0);
    for (const { error } of all) expect(error).toBeInstanceOf(ClientClosedError);
    expect([calls.inFlightCount, server.clock.pending]).toEqual([0, 0]);
  });
});
