import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { Failure } from '../extension/failure.js';
import { fakeCaller } from '../extension/testing/fake-caller.js';
import { compileThreads, type CompiledThreads } from '../../test/support/compiled-threads.js';
import { tokenCount } from './token-count.js';
import { type Counting, TokenCounter } from './token-counter.js';

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
const ideographs = (length: number) => Array.from({ length }, (_, i) => String.fromCodePoint(0x4e00 + ((i * 7_919) % 20_000))).join('');

const counting = ({
  tenant = 'acme',
  most = Infinity,
  signal,
}: { tenant?: string; most?: number; signal?: AbortSignal } = {}): Counting => ({
  caller: fakeCaller({ tenant, ...(signal && { signal }) }),
  ceiling: () => most,
});
const count = (texts: readonly string[], options?: Parameters<typeof counting>[0]) => counter.count(texts, counting(options));

it('counts short texts at once', () => {
  expect(count(['Hello, world!', ''])).toEqual([4, 1]);
});

it('counts long texts on a thread, each request its own', async () => {
  const answers = [count([prose]), count(['x', `${prose}!`]), count(['short'])];
  expect(answers.map((answer) => answer instanceof Promise)).toEqual([true, true, false]);
  expect(await Promise.all(answers.map(async (answer) => answer))).toEqual([[tokenCount(prose)], [1, tokenCount(`${prose}!`)], [1]]);
});

it('does not hold the event loop while it counts', async () => {
  await count([prose]);
  let turns = 0;
  let isCounting = true;
  const turn = () => {
    turns++;
    if (isCounting) setImmediate(turn);
  };
  turn();
  await count([ideographs(400_000)]);
  isCounting = false;
  expect(turns).toBeGreaterThan(100);
});

describe('a text that is counted', () => {
  /** The names of what is counted, in the order in which it ends. */
  const ends = async (counts: Readonly<Record<string, () => number[] | Promise<number[]>>>): Promise<string[]> => {
    const order: string[] = [];
    await Promise.all(
      Object.entries(counts).map(async ([name, run]) => {
        await run();
        order.push(name);
      }),
    );
    return order;
  };
  const long = ideographs(100_000);

  it('does not wait for longer ones that came before it, of its own tenant or of others', async () => {
    const order = await ends({
      'one long': () => count([long]),
      'another long': () => count([long]),
      'of their tenant': () => count([prose]),
      'of another tenant': () => count([prose], { tenant: 'globex' }),
    });
    expect(order.slice(0, 2)).toEqual(expect.arrayContaining(['of their tenant', 'of another tenant']));
  });

  it('shares the thread’s time with other tenants, however many texts those have', async () => {
    const many = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`one of many ${i}`, () => count([long.slice(i)])]));
    const order = await ends({ ...many, 'the only one': () => count([long], { tenant: 'globex' }) });
    expect(order[0]).toBe('the only one');
  });

  it('and that nobody waits for any more is dropped', async () => {
    const gone = new Error('the caller is gone');
    const controller = new AbortController();
    const dropped = Array.from({ length: 8 }, async () => count([long], { signal: controller.signal }));
    await count([prose]); // by now the thread counts
    controller.abort(gone);
    expect(await Promise.allSettled(dropped)).toEqual(dropped.map(() => ({ status: 'rejected', reason: gone })));
    // Its tenant's turns are for what is waited for.
    const order = await ends({
      'of its tenant': () => count([long.slice(25_000)]),
      'of another tenant': () => count([long], { tenant: 'globex' }),
    });
    expect(order).toEqual(['of its tenant', 'of another tenant']);
  });

  it('and dropped leaves room for others of its tenant', async () => {
    const controller = new AbortController();
    const large = 'word '.repeat(1_600_000);
    const dropped = Promise.resolve(count([large], { signal: controller.signal }));
    controller.abort(new Error('the caller is gone'));
    await expect(dropped).rejects.toThrow('the caller is gone');
    expect(await count([large])).toEqual([expect.any(Number)]);
  });

  it('of a caller that is gone already is not counted', async () => {
    const gone = new Error('the caller is gone');
    await expect(count([prose], { signal: AbortSignal.abort(gone) })).rejects.toBe(gone);
  });

  it('is counted no further than may be', async () => {
    const tooMuch = await Promise.resolve(count([long, long], { most: 1_000 })).catch((error: unknown) => error);
    expect(tooMuch).toMatchObject({ kind: 'context_too_large', data: { max_tokens: 1_000, tokens: expect.any(Number) } });
    const { tokens } = (tooMuch as { data: { tokens: number } }).data;
    expect(tokens).toBeGreaterThan(1_000);
    expect(tokens).toBeLessThan(tokenCount(long) / 4);
    expect(await count([prose], { most: tokenCount(prose) })).toEqual([tokenCount(prose)]);
  });
});

it('refuses a tenant’s text when too much of its waits already, and no other’s', async () => {
  const large = 'word '.repeat(900_000);
  const waiting = [count([large]), count([large]), count([large], { tenant: 'globex' })];
  const [first, second, ofAnother] = await Promise.allSettled(waiting.map(async (answer) => answer));
  expect(first).toMatchObject({ status: 'fulfilled' });
  expect(second).toMatchObject({ status: 'rejected', reason: { kind: 'unavailable', data: { retry_after_ms: 1_000 } } });
  expect(ofAnother).toMatchObject({ status: 'fulfilled' });
  expect(await count([large])).toEqual([expect.any(Number)]);
});

it('refuses any tenant’s text when too much of all tenants’ waits', async () => {
  const large = 'word '.repeat(900_000);
  const ended = async (tenant: string) => Promise.resolve(count([large], { tenant, most: 0 })).catch(({ kind }: Failure) => kind);
  const asked = Array.from({ length: 8 }, (_, i) => ended(`tenant ${i}`));
  expect(await Promise.all(asked)).toEqual([...Array<string>(7).fill('context_too_large'), 'unavailable']);
  expect(await ended('tenant 7')).toBe('context_too_large');
});

it('tries again to start the thread when it could not', async () => {
  threads.write(
    'flaky.js',
    `import { existsSync, writeFileSync } from 'node:fs';
const mark = new URL('./failed', import.meta.url);
if (!existsSync(mark)) {
  writeFileSync(mark, '');
  throw new Error('not now');
}
await import('./context/tokenizer.thread.js');`,
  );
  const flaky = new TokenCounter(threads.url('flaky.js'));
  await expect(flaky.count([prose], counting())).rejects.toThrow('not now');
  expect(await flaky.count([prose], counting())).toEqual([tokenCount(prose)]);
  await flaky.onApplicationShutdown();
});

it('fails what is not counted when the server ends, and waits for none of it', async () => {
  await count([prose]);
  const waiting = Array.from({ length: 8 }, async () => count([ideographs(1_000_000)]));
  const refused = Promise.allSettled(waiting);
  await counter.onApplicationShutdown();
  for (const outcome of await refused) expect(outcome).toMatchObject({ status: 'rejected', reason: { kind: 'unavailable' } });
  await expect(count([prose])).rejects.toMatchObject({ kind: 'unavailable' });
});
