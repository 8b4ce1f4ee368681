import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';

import { compileThreads, type CompiledThreads } from '../../test/support/compiled-threads.js';
import { tokenCount } from './token-count.js';
import { TokenCounter } from './token-counter.js';

let threads: CompiledThreads;
beforeAll(() => {
  threads = compileThreads('context', 'storage', 'extension', 'validation', 'config');
});
afterAll(() => threads.remove());

let counter: TokenCounter;
beforeEach(() => {
  counter = new TokenCounter(threads.url('context/tokenizer.thread.js'));
});
afterEach(() => counter.onApplicationShutdown());

const prose = 'The quick brown fox jumps over the lazy dog. '.repeat(500);

it('counts short texts at once', () => {
  expect(counter.count(['Hello, world!', ''])).toEqual([4, 1]);
});

it('counts long texts on a thread, each request its own', async () => {
  const answers = [counter.count([prose]), counter.count(['x', `${prose}!`]), counter.count(['short'])];
  expect(answers.map((answer) => answer instanceof Promise)).toEqual([true, true, false]);
  expect(await Promise.all(answers.map(async (answer) => answer))).toEqual([[tokenCount(prose)], [1, tokenCount(`${prose}!`)], [1]]);
});

it('does not hold the event loop while it counts', async () => {
  await counter.count([prose]);
  const worst = Array.from({ length: 400_000 }, (_, i) => String.fromCodePoint(0x4e00 + ((i * 7_919) % 20_000))).join('');
  let turns = 0;
  let isCounting = true;
  const turn = () => {
    turns++;
    if (isCounting) setImmediate(turn);
  };
  turn();
  await counter.count([worst]);
  isCounting = false;
  expect(turns).toBeGreaterThan(100);
});

it('refuses text when too much waits already', async () => {
  const large = 'word '.repeat(900_000);
  const waiting = [counter.count([large]), counter.count([large])];
  const [first, second] = await Promise.allSettled(waiting.map(async (answer) => answer));
  expect(first).toMatchObject({ status: 'fulfilled' });
  expect(second).toMatchObject({ status: 'rejected', reason: { kind: 'unavailable', data: { retry_after_ms: 1_000 } } });
  expect(await counter.count([large])).toEqual([expect.any(Number)]);
});
