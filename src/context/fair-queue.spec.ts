import { expect, it } from 'vitest';

import { FairQueue } from './fair-queue.js';

const drained = (queue: FairQueue<string>): string => {
  let order = '';
  for (let turn = queue.shift(); turn; turn = queue.shift()) order += `${turn.item} `;
  return order.trim();
};

it('gives parties turns, and each its oldest first', () => {
  const queue = new FairQueue<string>();
  for (const item of ['a1', 'a2', 'a3', 'b1', 'b2', 'c1']) queue.push(item.slice(0, 1), item);
  expect(drained(queue)).toBe('a1 b1 c1 a2 b2 a3');
  expect(queue.shift()).toBeUndefined();
});

it('what is pushed again goes behind the others of its party, and its party behind the others', () => {
  const queue = new FairQueue<string>();
  for (const item of ['a1', 'a2', 'b1']) queue.push(item.slice(0, 1), item);
  const turn = queue.shift();
  expect(turn).toEqual({ party: 'a', item: 'a1' });
  queue.push('a', 'a1');
  expect(drained(queue)).toBe('b1 a2 a1');
});

it('what is taken out has no turn', () => {
  const queue = new FairQueue<string>();
  for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'c2']) queue.push(item.slice(0, 1), item);
  queue.remove('a', (item) => item !== 'a3');
  queue.remove('b', () => true);
  queue.remove('nobody', () => true);
  expect(drained(queue)).toBe('a3 c1 c2');
});
