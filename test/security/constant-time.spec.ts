// What a stranger's guess is compared with is compared in constant time, whether it is nearly right or not at all. How long that takes
// no test can measure; which comparison is made can be seen.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { beforeAll, expect, it } from 'vitest';

import { binaryWire } from '../support/binary-wire.js';
import { eventually, within } from '../support/deadline.js';
import { createKey } from '../support/keys.js';
import { spied } from '../support/socket-spy.js';
import { startServer, type TestServer } from '../support/start-server.js';
import { forgedKey } from './support/forged-key.js';
import { SecuredClient } from './support/secured-client.js';

const SHA256_BYTES = 32;
const SIGNATURE_CHARACTERS = 43;

let server: TestServer;
beforeAll(async () => {
  const probe = pathToFileURL(resolve(import.meta.dirname, 'support/comparison-probe.mjs')).href;
  server = await startServer({ nodeArgs: ['--import', probe] });
});

/** How many bytes each comparison during an attack was of. */
async function comparedBy(attack: () => Promise<unknown>): Promise<number[]> {
  const before = (await comparedSoFar()).length;
  await attack();
  return (await comparedSoFar()).slice(before);
}

async function comparedSoFar(): Promise<number[]> {
  const asked = spied(server, 'compared').length;
  server.process.signal('SIGUSR2');
  await eventually('all that was compared', () => (spied(server, 'compared').length > asked ? true : undefined));
  return (spied(server, 'comparison') as { bytes: number }[]).map(({ bytes }) => bytes);
}

const attempt = (key: string) => (): Promise<unknown> => server.connect({ key }).catch(() => undefined);

it('the admin key', async () => {
  const { adminKey } = server;
  for (const guess of [`${adminKey.slice(0, -1)}x`, `x${adminKey.slice(1)}`, 'x', adminKey]) {
    expect(await comparedBy(attempt(guess))).toEqual([SHA256_BYTES]);
  }
});

it('an API key, be there one of its id or not', async () => {
  const { id, key } = await createKey(server);
  const other = (await createKey(server)).key;
  for (const guess of [key, forgedKey(id, other), forgedKey('0'.repeat(12), other)]) {
    // With the admin key's hash too.
    expect(new Set(await comparedBy(attempt(guess)))).toEqual(new Set([SHA256_BYTES]));
  }
});

it('a resume token', async () => {
  const client = await server.connect();
  const { session_id } = await client.initialize();
  client.terminate();
  const again = await server.connect();
  const resume = { session_id, resume_token: 'w'.repeat(43) };
  const compared = await comparedBy(async () => expect((await again.initialize({ resume })).resumed).toBe(false));
  expect(compared).toEqual([SHA256_BYTES]);
});

it('a signature, of a text and of a frame', async () => {
  const text = await SecuredClient.open(server);
  const ofText = await comparedBy(async () => {
    text.send(text.text('tool.list').replace('tool.list', 'tool.lost'));
    await within('close', text.client.closed);
  });
  expect(ofText).toEqual([SIGNATURE_CHARACTERS]);
  const frames = await SecuredClient.open(server);
  const frame = frames.signedFrame(binaryWire().request(2, 'tool.list', {}) as Uint8Array);
  frame[frame.length - 1] = (frame.at(-1) ?? 0) ^ 1;
  const ofFrame = await comparedBy(async () => {
    frames.send(frame);
    await within('close', frames.client.closed);
  });
  expect(ofFrame).toEqual([SHA256_BYTES]);
});
