import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { PeerFailure } from '../extension/channel.js';
import { Failure } from '../extension/failure.js';
import { PeerRequests } from './peer-requests.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('resolves to the peer’s result, once', async () => {
  const requests = new PeerRequests();
  const answer = requests.add('1', {}, () => undefined);
  requests.settle('1', { result: { ok: true } });
  requests.settle('1', { result: 'late' });
  await expect(answer).resolves.toEqual({ ok: true });
});

it('rejects with what the peer’s error means to our caller', async () => {
  const requests = new PeerRequests();
  const known = requests.add('1', {}, () => undefined);
  const unknown = requests.add('2', {}, () => undefined);
  requests.settle('1', { error: { code: 4009, message: 'no such thing' } });
  requests.settle('2', { error: { code: 1, message: 'odd' } });
  await expect(known).rejects.toMatchObject({ kind: 'not_found', message: 'no such thing' });
  await expect(unknown).rejects.toBeInstanceOf(PeerFailure);
  await expect(unknown).rejects.toMatchObject({ message: 'odd' });
});

it('gives up in time, on abort and at the end of the connection, and tells the peer', async () => {
  const requests = new PeerRequests();
  const cancel = vi.fn();
  const controller = new AbortController();
  const late = requests.add('1', { timeoutMs: 50 }, cancel);
  const aborted = requests.add('2', { signal: controller.signal }, cancel);
  const orphan = requests.add('3', {}, cancel);
  vi.advanceTimersByTime(50);
  controller.abort(new Failure('cancelled', 'enough'));
  requests.rejectAll(new Failure('unavailable', 'gone'));
  await expect(late).rejects.toMatchObject({ kind: 'timed_out' });
  await expect(aborted).rejects.toMatchObject({ kind: 'cancelled', message: 'enough' });
  await expect(orphan).rejects.toMatchObject({ kind: 'unavailable' });
  expect(cancel).toHaveBeenCalledTimes(2);
  expect(vi.getTimerCount()).toBe(0);
});

it('passes progress on until the answer', async () => {
  const requests = new PeerRequests();
  const seen: number[] = [];
  const answer = requests.add('1', { onProgress: ({ progress }) => seen.push(progress) }, () => undefined);
  requests.progress('1', { progress: 1 });
  requests.settle('1', { result: null });
  requests.progress('1', { progress: 2 });
  await answer;
  expect(seen).toEqual([1]);
});
