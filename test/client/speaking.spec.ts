// The client against the real server, in every way that it can speak.
import { randomBytes } from 'node:crypto';

import { McpwError } from '@mcpw/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startServer, type TestServer } from '../support/start-server.js';
import { open, UNLIMITED, type Door } from './opened-clients.js';
import { UnreliableNetwork } from './unreliable-network.js';

let server: TestServer;

beforeAll(async () => {
  server = await startServer({ config: UNLIMITED });
});

const WAYS = (['node', 'web'] as Door[]).flatMap((door) =>
  (['json', 'binary'] as const).flatMap((encoding) =>
    ([false, 'sign', 'encrypt'] as const)
      .filter((security) => encoding === 'binary' || security !== 'encrypt')
      .flatMap((security) => [false, true].map((batching) => ({ door, encoding, security, batching }))),
  ),
);

describe.each(WAYS)(
  'the client through the door of $door, in $encoding, security $security, batching $batching',
  ({ door, ...options }) => {
    it('runs tools, keeps contexts and hears events, in order', async () => {
      const client = await open(server, options, door);
      const events = client.subscribe<{ n: number }>(['speaking.*']);
      await events.ready;

      const echoed = await client.executeTool('echo', { text: 'äöü 😀', n: 1 });
      expect(echoed).toMatchObject({ tool: 'echo', status: 'completed', result: { structured: { text: 'äöü 😀', n: 1 } } });

      const context = await client.request('context.create', { name: 'c', content: 'first' });
      await client.request('context.update', { context_id: context.id, content: [{ role: 'assistant', content: 'second' }] });
      const { items } = await client.request('context.get', { context_id: context.id });
      expect(items.map(({ role, content }) => [role, content])).toEqual([
        ['user', 'first'],
        ['assistant', 'second'],
      ]);

      const numbers = Array.from({ length: 50 }, (_, n) => n);
      await Promise.all(numbers.map((n) => client.request('event.publish', { event: 'speaking.said', data: { n } })));
      const heard: number[] = [];
      for await (const { data } of events) if (heard.push(data.n) === numbers.length) break;
      expect([...heard].sort((a, b) => a - b)).toEqual(numbers);

      await expect(client.request('context.get', { context_id: 'missing' })).rejects.toMatchObject({ code: 4009, name: 'not_found' });
      await expect(client.request('context.get', { context_id: 1 } as never)).rejects.toBeInstanceOf(McpwError);
    });

    it('sends and gets large messages', async () => {
      const client = await open(server, options, door);
      const text = 'a large context '.repeat(20_000);
      const { result } = await client.executeTool('echo', { text });
      expect((result?.structured as { text: string }).text === text).toBe(true);
    });
  },
);

describe('the client', () => {
  let network: UnreliableNetwork;
  const MARK = 'everybody can read this';

  beforeAll(async () => {
    network = await UnreliableNetwork.to(Number(new URL(server.url).port));
  });
  afterAll(() => network.close());

  it.each([
    [{ encoding: 'json' }, true],
    [{ encoding: 'json', security: true }, true],
    [{ encoding: 'binary', compression: false }, true],
    [{ encoding: 'binary', compression: false, security: 'sign' }, true],
    [{ encoding: 'binary', compression: false, security: true }, false],
  ] as const)('with %o: others can read along: %s', async (options, canRead) => {
    network.fromServer.length = 0;
    const client = await open(server, { ...options, url: network.wsUrl });
    await client.executeTool('echo', { text: MARK });
    expect(network.hasHeard(MARK)).toBe(canRead);
  });

  it.each([
    ['node', 'zstd'],
    ['web', 'gzip'],
  ] as const)('compresses large frames through the door of %s with %s', async (door, compression) => {
    const client = await open(server, { encoding: 'binary', url: network.wsUrl }, door);
    expect(client.session.compression).toBe(compression);
    network.fromServer.length = 0;
    const text = 'again and again '.repeat(4_000);
    expect(await client.executeTool('echo', { text })).toMatchObject({ result: { structured: { text } } });
    expect(Buffer.concat(network.fromServer).length).toBeLessThan(4_000);
  });

  it.each(['json', 'binary'] as const)('gets answers to a batch in %s as it asked for them', async (encoding) => {
    const client = await open(server, { encoding, batching: true });
    const answers = await Promise.all(Array.from({ length: 250 }, (_, i) => client.executeTool('echo', { i })));
    expect(answers.map(({ result }) => (result?.structured as { i: number }).i)).toEqual(Array.from({ length: 250 }, (_, i) => i));
  });

  it('carries bytes as they are in frames, as base64 in text', async () => {
    const bytes = randomBytes(100_000);
    const binary = await open(server, { encoding: 'binary' });
    const answer = await binary.executeTool('echo', { bytes });
    expect(Buffer.compare((answer.result?.structured as { bytes: Uint8Array }).bytes, bytes)).toBe(0);
    const json = await open(server, { encoding: 'json' });
    const text = await json.executeTool('echo', { bytes });
    expect(text.result?.structured).toEqual({ bytes: bytes.toString('base64') });
  });

  it('knows what the server told of itself and of who it is', async () => {
    const { session } = await open(server);
    expect(session).toMatchObject({ version: '1', resumed: false, limits: { max_in_flight: 64, rate: 100_000 } });
    expect(session.principal.tenant).toBe('default');
  });

  it('refuses by itself a message that would cost it the connection', async () => {
    const client = await open(server);
    await expect(client.executeTool('echo', { text: 'x'.repeat(1_100_000) })).rejects.toMatchObject({ code: 4015, name: 'too_large' });
    expect((await client.executeTool('echo', { n: 1 })).status).toBe('completed');
  });
});
