// PROTOCOL.md §4, the other way round: somebody in the middle changes, repeats or makes up what the server says. The client takes none of
// it, leaves the connection, and gets the server's own words on the next one.
import type { Client } from '@mcpw/client';
import { encodeMsgpack } from '@mcpw/protocol';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { frame } from '../support/binary-wire.js';
import { eventually } from '../support/deadline.js';
import { startServer, type TestServer } from '../support/start-server.js';
import { open, UNLIMITED } from './opened-clients.js';
import { TamperingRelay, type Tamper } from './tampering-relay.js';

const QUICK = { reconnect: { baseMs: 20, maxMs: 200 } };
const HEADER_BYTES = 24;
const TRAILER_BYTES = 40;
const SIGNATURE_CHARACTERS = 44;
const SIGNED = 0x0008;
const FORGED = { tools: [] };

/** Where in the message, from 0 to 1. */
const flipped =
  (where: number): Tamper =>
  (message) => {
    const changed = Buffer.from(message);
    const at = Math.floor((message.length - 1) * where);
    changed[at] = (changed[at] ?? 0) ^ 0x01;
    return [changed];
  };

const repeated: Tamper = (message) => [message, message];

const withoutProtection: Tamper = (message, isBinary) => {
  if (!isBinary) return [message.subarray(SIGNATURE_CHARACTERS)];
  const flags = message.readUInt16BE(6);
  if ((flags & SIGNED) === 0) return madeUp(message, isBinary);
  const bare = Buffer.from(message.subarray(0, message.length - TRAILER_BYTES));
  bare.writeUInt16BE(flags & ~SIGNED, 6);
  bare.writeUInt32BE(bare.length - HEADER_BYTES, 20);
  return [bare];
};

/** An answer to what was asked, and no more than that. */
const madeUp: Tamper = (message, isBinary) => {
  if (isBinary) {
    const [type, id, method] = [message.readUInt8(5), Number(message.readBigUInt64BE(8)), message.readUInt16BE(16)];
    return [frame({ type, id, method, payload: encodeMsgpack(FORGED) })];
  }
  const { id, type } = JSON.parse(message.subarray(SIGNATURE_CHARACTERS).toString()) as { id: string; type: number };
  return [Buffer.from(JSON.stringify({ id, type, result: FORGED }))];
};

/** With a signature, of a key that the client does not have. */
const signedByAnother: Tamper = (message, isBinary) =>
  madeUp(message, isBinary).map((bare) => (isBinary ? withTrailer(bare) : Buffer.concat([Buffer.from(`${'A'.repeat(43)}.`), bare])));

function withTrailer(bare: Buffer): Buffer {
  const ts = Buffer.alloc(8);
  ts.writeBigUInt64BE(BigInt(Date.now()));
  const signed = Buffer.concat([bare, ts, Buffer.alloc(TRAILER_BYTES - ts.length, 7)]);
  signed.writeUInt16BE(bare.readUInt16BE(6) | SIGNED, 6);
  signed.writeUInt32BE(signed.length - HEADER_BYTES, 20);
  return signed;
}

const CHANGED: readonly (readonly [string, Tamper])[] = [
  ['whose first byte was changed', flipped(0)],
  ['with a byte changed in its middle', flipped(0.5)],
  ['whose last byte was changed', flipped(1)],
  ['without its protection', withoutProtection],
  ['that is made up', madeUp],
  ['that is made up and signed by another', signedByAnother],
];

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ config: UNLIMITED });
});

describe.each([
  ['text', { encoding: 'json', security: true }],
  ['signed frames', { encoding: 'binary', security: 'sign' }],
  ['encrypted frames', { encoding: 'binary', security: true }],
] as const)('a client with security, in %s', (_, options) => {
  let relay: TamperingRelay;
  let client: Client;
  beforeEach(async () => {
    relay = await TamperingRelay.to(server.wsUrl);
    client = await open(server, { ...options, ...QUICK, url: relay.wsUrl });
  });
  afterEach(async () => relay.close());

  const hasReconnected = (): Promise<true> => eventually('a new connection', () => (relay.connections >= 2 ? true : undefined));

  it.each(CHANGED)('takes no answer %s', async (_case, tamper) => {
    const honest = await client.request('tool.list', { limit: 1 });
    expect(honest.tools).toHaveLength(1);
    relay.tamperWithNext(tamper);
    expect(await client.request('tool.list', { limit: 1 })).toEqual(honest);
    expect([relay.tampered, relay.connections]).toEqual([1, 2]);
  });

  it.each([...CHANGED, ['that comes twice', repeated] as const])('takes no event %s', async (_case, tamper) => {
    const publisher = await open(server);
    const name = `tampered.${_case.replace(/\W/g, '-')}.${options.encoding}.${options.security}`;
    const heard: unknown[] = [];
    const subscription = client.subscribe([name]);
    await subscription.ready;
    void (async () => {
      for await (const { data } of subscription) heard.push((data as { n: number }).n);
    })().catch(() => undefined);
    relay.tamperWithNext(tamper);
    await publisher.request('event.publish', { event: name, data: { n: 1 } });
    await hasReconnected();
    await publisher.request('event.publish', { event: name, data: { n: 2 } });
    await eventually('the last event', () => (heard.includes(2) ? true : undefined));
    expect(heard).toEqual([1, 2]);
    expect([relay.tampered, relay.connections]).toEqual([1, 2]);
  });
});
