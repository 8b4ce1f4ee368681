// PROTOCOL.md §4, Replay: what was sent once and is sent again does nothing, and remembering it costs a bounded amount of memory.
import { randomUUID } from 'node:crypto';

import { beforeAll, describe, expect, it } from 'vitest';

import { binaryWire } from '../support/binary-wire.js';
import { eventually } from '../support/deadline.js';
import { memoryBytes, SPIED } from '../support/socket-spy.js';
import { startServer, type TestServer } from '../support/start-server.js';
import type { TestClient } from '../support/test-client.js';
import { framesOf, SecuredClient } from './support/secured-client.js';

let server: TestServer;
let witness: TestClient;

/** How often `name` was published, as a subscriber hears it. */
async function published(name: string): Promise<number> {
  await witness.call('event.publish', { event: `${name}.end`, data: {} });
  await eventually('end', () => heard(`${name}.end`)[0]);
  return heard(name).length;
}

const heard = (name: string) => witness.messages.filter(({ params }) => (params as { event?: string } | undefined)?.event === name);

const bytesOf = (message: string | Uint8Array): Buffer => Buffer.from(message as Uint8Array);

/** As another client finds them, whoever made them. */
async function contextsNamed(name: string): Promise<number> {
  const { contexts } = await witness.call('context.list', { name_prefix: name });
  return (contexts as unknown[]).length;
}

beforeAll(async () => {
  server = await startServer({ config: { websocket: { rate_limit: { enabled: false } } } });
  witness = await server.client();
  await witness.call('event.subscribe', { events: ['**'] });
});

describe('a signed message that comes again', () => {
  it('is refused with 4010 where it is a batch, also where nothing in it has an id', async () => {
    const secured = await SecuredClient.open(server);
    const message = secured.signed({
      id: randomUUID(),
      type: 6,
      params: { messages: [{ type: 2, method: 'event.publish', params: { event: 'replay.batch', data: {} } }] },
    });
    secured.send(message);
    secured.send(message);
    expect((await secured.nextText()).error?.code).toBe(4010);
    expect(await published('replay.batch')).toBe(1);
  });

  it('is refused where it is a batch that is too old', async () => {
    const secured = await SecuredClient.open(server);
    const members = [{ type: 2, method: 'event.publish', params: { event: 'replay.old', data: {} } }];
    secured.send(secured.signed({ id: randomUUID(), type: 6, params: { messages: members }, ts: Date.now() - 61_000 }));
    expect((await secured.nextText()).error?.code).toBe(4010);
    expect(await published('replay.old')).toBe(0);
  });

  it('is not run where it is a notification', async () => {
    const secured = await SecuredClient.open(server);
    const message = secured.signed({ type: 2, method: 'event.publish', params: { event: 'replay.notification', data: {} } });
    secured.send(message);
    secured.send(message);
    expect((await secured.ask('tool.list')).type).toBe(1);
    expect(await published('replay.notification')).toBe(1);
  });

  it('is not run where it is a signed frame with a notification', async () => {
    const secured = await SecuredClient.open(server, { encoding: 'binary' });
    const wire = binaryWire();
    const frame = secured.signedFrame(wire.notification('event.publish', { event: 'replay.frame', data: {} }) as Uint8Array);
    secured.send(frame);
    secured.send(frame);
    secured.send(secured.signedFrame(wire.request(2, 'tool.list', { limit: 1 }) as Uint8Array));
    await secured.next();
    expect(await published('replay.frame')).toBe(1);
  });

  it('is refused where it is a ping, an answer or an error', async () => {
    for (const envelope of [
      { id: 'p', type: 4 },
      { id: '77', type: 1, result: {} },
      { id: '77', type: 3, error: { code: 4000, message: 'x' } },
    ]) {
      const secured = await SecuredClient.open(server);
      const message = secured.signed(envelope);
      secured.send(message);
      secured.send(message);
      const answers = envelope.type === 4 ? [await secured.nextText(), await secured.nextText()] : [await secured.nextText()];
      expect(answers.at(-1)?.error?.code, JSON.stringify(envelope)).toBe(4010);
    }
  });

  it('is not run where it is an encrypted frame, whatever came between', async () => {
    const secured = await SecuredClient.open(server, { encoding: 'binary' });
    const wire = binaryWire();
    const frame = secured.encryptedFrame(wire.notification('event.publish', { event: 'replay.encrypted', data: {} }) as Uint8Array);
    secured.send(frame);
    for (let id = 2; id < 50; id++) secured.send(secured.encryptedFrame(wire.request(id, 'tool.list', { limit: 1 }) as Uint8Array));
    secured.send(frame);
    await eventually('answers', () => (secured.received.length >= 49 ? true : undefined));
    const [refusal] = wire.read(secured.openFrame(secured.received.at(-1)?.data ?? Buffer.alloc(0)), true);
    expect(refusal?.error?.code).toBe(4010);
    expect(await published('replay.encrypted')).toBe(1);
  });
});

describe('a signed frame whose time is not now', () => {
  const wire = binaryWire();

  /** Codes of what comes back until the answer to `id`, of requests alone: nothing answers a notification. */
  async function codesUntil(secured: SecuredClient, id: number): Promise<(number | undefined)[]> {
    const codes: (number | undefined)[] = [];
    for (;;) {
      const { data } = await secured.next();
      for (const bytes of framesOf(data)) {
        for (const answer of wire.read(secured.openFrame(bytes), true)) {
          if (answer.id === id) return codes;
          codes.push(answer.error?.code);
        }
      }
    }
  }

  /** What was sent before was handled before it. */
  const ask = (secured: SecuredClient, id: number): void =>
    secured.send(secured.signedFrame(bytesOf(wire.request(id, 'tool.list', { limit: 1 }))));

  it.each([
    ['too old', -61_000],
    ['of the future', 61_500],
  ])('is refused with 4010 and runs nothing, also within a batch: %s', async (_, byMs) => {
    const secured = await SecuredClient.open(server, { encoding: 'binary' });
    const at = (message: Uint8Array | string): Buffer => secured.signedFrame(bytesOf(message), Date.now() + byMs);
    const event = `replay.time${byMs < 0 ? '.old' : '.new'}`;
    const publish = () => wire.notification('event.publish', { event, data: {} });
    const create = (id: number) => wire.request(id, 'context.create', { name: event });

    secured.send(at(publish()));
    secured.send(at(create(2)));
    ask(secured, 3);
    expect(await codesUntil(secured, 3)).toEqual([4010]);

    secured.send(wire.batch(4, [at(publish()), at(create(5))]));
    ask(secured, 6);
    expect(await codesUntil(secured, 6)).toEqual([4010]);

    expect(await published(event)).toBe(0);
    expect(await contextsNamed(event)).toBe(0);
    // The same with a time of now is done: it was the time.
    secured.send(wire.batch(7, [secured.signedFrame(bytesOf(publish())), secured.signedFrame(bytesOf(create(8)))]));
    expect(await codesUntil(secured, 8)).toEqual([]);
    expect(await published(event)).toBe(1);
    expect(await contextsNamed(event)).toBe(1);
  });
});

describe('a sequence id that comes again makes one context and no second one:', () => {
  const wire = binaryWire();
  const create = (name: string): Buffer => bytesOf(wire.request(7, 'context.create', { name }));

  it('plain', async () => {
    const client = await server.client({ encoding: 'binary' });
    const codes: (number | undefined)[] = [];
    for (let i = 0; i < 2; i++) {
      const answer = client.answerTo(7);
      client.send(create('replay plain'));
      codes.push((await answer).error?.code);
    }
    expect(codes).toEqual([undefined, 4010]);
    expect(await contextsNamed('replay plain')).toBe(1);
  });

  it.each(['signed', 'encrypted'] as const)('%s anew', async (kind) => {
    const secured = await SecuredClient.open(server, { encoding: 'binary' });
    const codes: (number | undefined)[] = [];
    for (let i = 0; i < 2; i++) {
      // With another time, or another counter: nothing but the sequence id has come before.
      secured.send(
        kind === 'signed'
          ? secured.signedFrame(create(`replay ${kind}`), Date.now() + i)
          : secured.encryptedFrame(create(`replay ${kind}`)),
      );
      const [answer] = wire.read(secured.openFrame((await secured.next()).data), true);
      codes.push(answer?.error?.code);
    }
    expect(codes).toEqual([undefined, 4010]);
    expect(await contextsNamed(`replay ${kind}`)).toBe(1);
  });
});

describe('without keys', () => {
  it('an id and a nonce are good once all the same, and a time for a minute', async () => {
    const text = await server.client();
    const envelope = (members: object) => ({ id: randomUUID(), type: 0, method: 'tool.list', params: { limit: 1 }, ...members });
    const refusals: unknown[] = [];
    for (const [first, second] of [
      [{ id: 'same' }, { id: 'same' }],
      [{ nonce: 'nonce-nonce' }, { nonce: 'nonce-nonce' }],
      [{ ts: Date.now() }, { ts: Date.now() - 60_500 }],
      [{ ts: Date.now() }, { ts: Date.now() + 61_500 }],
    ] as const) {
      text.sendJson(envelope(first));
      expect((await text.nextOther()).type).toBe(1);
      text.sendJson(envelope(second));
      refusals.push((await text.nextOther()).error?.code);
    }
    expect(refusals).toEqual([4010, 4010, 4010, 4010]);
  });

  it('a sequence id is good once, in any order within its window of 1,024, and not at all below it', async () => {
    const client = await server.client({ encoding: 'binary' });
    const wire = binaryWire();
    const codeOf = async (id: number): Promise<number | undefined> => {
      const answer = client.answerTo(id);
      client.send(wire.request(id, 'tool.list', { limit: 1 }));
      return (await answer).error?.code;
    };
    const codes: unknown[] = [];
    for (const id of [5_000, 4_500, 5_000, 4_500, 5_000 - 1_024, 5_000 - 1_023, 5_001, 5_000 - 1_023]) codes.push(await codeOf(id));
    expect(codes).toEqual([undefined, undefined, 4010, 4010, 4010, undefined, undefined, 4010]);
  });
});

describe('memory', () => {
  const MILLION = 1_000_000;
  const BATCH = 100;
  /** What a window of 10,000 ids may take and what a heap varies by; nine hundred thousand more ids would take over 60 MB. */
  const WINDOW_BYTES = 12_000_000;

  it.each(['json', 'binary'] as const)(
    'of a connection stays bounded while it sends a million ids, in %s',
    async (encoding) => {
      const spied = await startServer({ nodeArgs: SPIED, config: { websocket: { rate_limit: { enabled: false } } } });
      const client = await spied.client({ encoding }, { capabilities: { batch: true } });
      client.socket.removeAllListeners('message');
      let answered = 0;
      client.socket.on('message', (data: Buffer, isBinary: boolean) => (answered += answersIn(data, isBinary)));
      const wire = binaryWire();
      let sent = 0;
      const sendBatch = (): void => {
        if (encoding === 'binary') {
          const members = Array.from({ length: BATCH }, () => wire.request(++sent + 1, 'tool.cancel', { request_id: 0 }));
          client.send(wire.batch(sent + 1, members));
          return;
        }
        const members = Array.from(
          { length: BATCH },
          () =>
            `{"id":"a rather long id, to be remembered by the server ${++sent}","type":0,"method":"tool.cancel","params":{"request_id":"0"}}`,
        );
        client.send(`{"id":"batch ${sent}","type":6,"params":{"messages":[${members.join(',')}]}}`);
      };
      const answeredThrough = (count: number): Promise<true> =>
        eventually(`${count} answers`, () => (answered >= count ? true : undefined), 120_000, 2);
      const run = async (through: number): Promise<void> => {
        while (sent < through) {
          for (let i = 0; i < 20; i++) sendBatch();
          await answeredThrough(sent);
        }
      };
      await run(MILLION / 10);
      const before = await memoryBytes(spied);
      await run(MILLION);
      const after = await memoryBytes(spied);
      expect(answered).toBeGreaterThanOrEqual(MILLION);
      expect(after - before).toBeLessThan(WINDOW_BYTES);
    },
    180_000,
  );
});

/** Answers in a message, be it a batch or not, without reading them. */
function answersIn(data: Buffer, isBinary: boolean): number {
  if (!isBinary) return data.toString('latin1').split('"type":1').length - 1;
  if (data[5] !== 6) return 1;
  let count = 0;
  for (let at = 24; at < data.length; at += 24 + data.readUInt32BE(at + 20)) count++;
  return count;
}
