import { beforeEach, expect, it } from 'vitest';

import { FairQueue } from './fair-queue.js';

let queue: FairQueue<string>;
beforeEach(() => {
  queue = new FairQueue({ ofTenant: 3, inAll: 5 });
});

/** Each item's first letter is its tenant. */
const push = (...items: string[]) => items.forEach((item) => queue.push(item.charAt(0), item));
const shiftAll = () => {
  const shifted = [];
  for (let item = queue.shift(); item !== undefined; item = queue.shift()) shifted.push(item);
  return shifted.join(' ');
};

it('gives one of each tenant in turn, of one tenant in the order of asking', () => {
  push('a1', 'a2', 'a3', 'b1', 'b2');
  expect(shiftAll()).toBe('a1 b1 a2 b2 a3');
  expect(queue.shift()).toBeUndefined();
});

it('gives who comes later their turn before the second of who came first', () => {
  push('a1', 'a2', 'a3');
  expect(queue.shift()).toBe('a1');
  push('b1');
  expect(shiftAll()).toBe('a2 b1 a3');
  push('c1', 'a4');
  expect(shiftAll()).toBe('c1 a4');
});

it('puts what is pushed again behind the others of its tenant, and its tenant behind the others', () => {
  push('a1', 'a2', 'b1');
  const first = queue.shift() ?? '';
  expect(first).toBe('a1');
  push(first);
  expect(shiftAll()).toBe('b1 a2 a1');
});

it('does not give what was removed', () => {
  push('a1', 'a2', 'b1');
  queue.remove('a', 'a1');
  queue.remove('b', 'b1');
  queue.remove('b', 'b1');
  queue.remove('nobody', 'x');
  expect(shiftAll()).toBe('a2');
});

it('refuses a tenant past its limit, and all past theirs, until there is room', () => {
  push('a1', 'a2', 'a3');
  expect(() => push('a4')).toThrow(expect.objectContaining({ kind: 'unavailable', data: { retry_after_ms: 1_000 } }));
  push('b1', 'b2');
  expect(() => push('c1')).toThrow(expect.objectContaining({ kind: 'unavailable', message: '5 reads are waiting' }));
  queue.remove('a', 'a2');
  push('c1');
  expect(shiftAll()).toBe('a1 b1 c1 a3 b2');
});
