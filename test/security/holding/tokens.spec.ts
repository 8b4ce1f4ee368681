// Texts whose tokens are slow to count hold up neither the event loop nor what others have counted.
import { beforeAll, describe, expect, it } from 'vitest';

import { createKey } from '../../support/keys.js';
import type { TestServer } from '../../support/start-server.js';
import type { TestClient } from '../../support/test-client.js';
import { fill } from '../support/attack-messages.js';
import { expectNoHold, startWatchedServer } from '../support/event-loop.js';

/** As many as one tenant may have waiting. */
const LONG_TEXTS = 7;

let server: TestServer;
let attacker: TestClient;
let other: TestClient;
beforeAll(async () => {
  server = await startWatchedServer({ contexts: { max_tokens: 1_000_000 } });
  attacker = await clientOf('acme');
  other = await clientOf('globex');
  // As many words as a tokenizer may remember: it is not to become slower by them.
  const words = Array.from({ length: 30_000 }, (_, i) => `${i}`.replace(/\d/g, (digit) => 'qwxzjkvbfp'.charAt(Number(digit))));
  await other.call('context.create', { name: 'words', content: words.join(' xq') });
});

const clientOf = async (tenant: string): Promise<TestClient> => server.client({ key: (await createKey(server, { tenant })).key });

// Random letters of scripts that words mix: each a word of its own, of no token as a whole.
const mixed = (length: number): string =>
  Array.from({ length }, (_, i) => String.fromCodePoint((i % 3 === 0 ? 0x5d0 : 0xe01) + ((i * 7_919) % 27))).join('');

describe('a text that is counted', () => {
  it.each([
    ['ab,', fill('ab,')],
    ["'s", fill("'s")],
    ['letters of two alphabets', mixed(340_000)],
  ])('holds up neither another tenant’s nor the event loop: %s', async (_, text) => {
    await expectNoHold(server, async () => {
      const order: string[] = [];
      const long = Array.from({ length: LONG_TEXTS }, async () => {
        expect((await attacker.request('context.create', { name: 'long', content: text })).error).toBeUndefined();
        order.push('long');
      });
      const short = [other, attacker].map(async (client) => {
        await client.call('context.create', { name: 'short', content: text.slice(0, 10_000) });
        order.push('short');
      });
      await Promise.all([...long, ...short]);
      // All were sent before: in order, the short ones would be the last.
      expect(order.slice(0, 4).filter((name) => name === 'short')).toHaveLength(2);
    });
  });

  it('holds up nobody where it is short, and counted at once', async () => {
    for (const text of ['ab,', "'s", '\u05d0\u0e01']) {
      await expectNoHold(server, () => attacker.call('context.create', { name: 'x', content: text.repeat(4_096 / text.length) }));
    }
  });
});
