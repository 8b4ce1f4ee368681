import { expect, it } from 'vitest';

import { Failure } from '../extension/failure.js';
import { WriteQueue, type WriteBatch } from './write-queue.js';

function queueOf(maxWrites: number, send?: () => void) {
  const sent: WriteBatch[] = [];
  const deferred: (() => void)[] = [];
  const queue = new WriteQueue({
    send: (batch) => {
      send?.();
      sent.push(batch);
    },
    defer: (flush) => deferred.push(flush),
    maxWrites,
  });
  return { queue, sent, tick: () => deferred.splice(0).forEach((flush) => flush()) };
}

it('sends the writes of a tick as one batch', async () => {
  const { queue, sent, tick } = queueOf(10);
  const answers = [queue.push('a', 1), queue.push('b', 2)];
  expect(sent).toEqual([]);
  tick();
  answers.push(queue.push('c', 3));
  tick();
  expect(sent).toEqual([
    { names: ['a', 'b'], args: [1, 2] },
    { names: ['c'], args: [3] },
  ]);
  queue.settle({ values: ['A', 'B', 'C'], failures: [] });
  expect(await Promise.all(answers)).toEqual(['A', 'B', 'C']);
});

it('answers in the order of asking, whatever the batches', async () => {
  const { queue, tick } = queueOf(10);
  const answers = ['a', 'b', 'c'].map((name) => queue.push(name, 0));
  tick();
  queue.settle({ values: ['A'], failures: [] });
  queue.settle({ values: [undefined, 'C'], failures: [[0, { kind: 'conflict', message: 'no' }]] });
  expect(await Promise.allSettled(answers)).toMatchObject([{ value: 'A' }, { reason: { kind: 'conflict' } }, { value: 'C' }]);
  expect(queue.length).toBe(0);
});

it('refuses writes past its limit, and takes them again once there is room', async () => {
  const { queue, tick } = queueOf(2);
  const kept = [queue.push('a', 0), queue.push('b', 0)];
  await expect(queue.push('c', 0)).rejects.toMatchObject({ kind: 'unavailable', message: '2 writes are waiting' });
  tick();
  queue.settle({ values: [1, 2], failures: [] });
  expect(await Promise.all(kept)).toEqual([1, 2]);
  const late = queue.push('d', 0);
  queue.failAll(new Failure('unavailable', 'gone'));
  await expect(late).rejects.toThrow('gone');
});

it('fails a batch that nobody takes, and no batch before it', async () => {
  let isUp = true;
  const { queue, tick } = queueOf(10, () => {
    if (!isUp) throw new Failure('unavailable', 'restarting');
  });
  const first = queue.push('a', 0);
  tick();
  isUp = false;
  const second = queue.push('b', 0);
  tick();
  await expect(second).rejects.toThrow('restarting');
  queue.settle({ values: ['A'], failures: [] });
  expect(await first).toBe('A');
});
