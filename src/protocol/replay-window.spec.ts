import { expect, it } from 'vitest';

import { ReplayWindow } from './replay-window.js';

const FIVE_MINUTES = 5 * 60_000;

it('takes a value once within five minutes', () => {
  const window = new ReplayWindow();
  expect(window.admit('a', 0)).toBe(true);
  expect(window.admit('a', FIVE_MINUTES)).toBe(false);
  expect(window.admit('a', FIVE_MINUTES + 1)).toBe(true);
  expect(window.admit('a', FIVE_MINUTES + 2)).toBe(false);
});

it('keeps ten thousand values, whatever comes', () => {
  const window = new ReplayWindow();
  let refused = 0;
  for (let i = 0; i < 1_000_000; i++) if (!window.admit(`id-${i}`, i / 1000)) refused++;
  expect(refused).toBe(0);
  expect(window.size).toBe(10_000);
  expect(window.admit('id-999999', 1000)).toBe(false);
  expect(window.admit('id-990000', 1000)).toBe(false);
});

it('does not forget a value that came again because its first coming is overwritten', () => {
  const window = new ReplayWindow();
  window.admit('a', 0);
  window.admit('a', FIVE_MINUTES + 1);
  for (let i = 0; i < 9_999; i++) window.admit(`x${i}`, FIVE_MINUTES + 2);
  expect(window.admit('a', FIVE_MINUTES + 3)).toBe(false);
});

it('counts from none to one to several', () => {
  const window = new ReplayWindow();
  const sizes = [window.size];
  for (const value of ['a', 'b', 'c']) {
    window.admit(value, 0);
    sizes.push(window.size);
  }
  expect(sizes).toEqual([0, 1, 2, 3]);
  expect(['a', 'b', 'c'].map((value) => window.admit(value, 1))).toEqual([false, false, false]);
});
