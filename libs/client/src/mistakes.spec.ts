// What a program gets wrong is told at once, by the option's name; nothing is sent, waited for or tried again.
import { describe, expect, it, vi } from 'vitest';

import { Client } from './client.js';
import type { ClientOptions } from './client-options.js';
import type { CredentialOptions } from './credentials.js';
import { connect } from './index.js';
import { settled } from './testing/fake-clock.js';
import { FakeServer } from './testing/fake-server.js';
import { openClient, OPTIONS } from './testing/open-client.js';
import { connect as connectAsInBrowsers } from './web.js';

function mistake(option: string): object {
  return expect.objectContaining({ name: 'InvalidOptionError', option }) as object;
}

function begin(credential: CredentialOptions): { server: FakeServer; client: Client; connected: Promise<Client> } {
  const server = new FakeServer();
  const { key: _, ...anonymous } = OPTIONS;
  const client = new Client(server.platform, { ...anonymous, ...credential });
  return { server, client, connected: client.connect() };
}

describe.each([
  ['Node', connect],
  ['browsers', connectAsInBrowsers],
])('connect of %s', (_, connect_) => {
  it.each([
    [[], 'options'],
    [['ws://server/ws'], 'options'],
    [[{ name: 'x' }], 'url'],
    [[{ url: 'ws://server/ws' }], 'name'],
    [[{ ...OPTIONS, token: 'k-1' }], 'token'],
    [[{ ...OPTIONS, signal: AbortSignal.abort() }], 'signal'],
    [[OPTIONS, { signal: AbortSignal.abort() }], 'signal'],
  ])('refuses %j by its promise: %s', async (given, option) => {
    await expect(connect_(...(given as [ClientOptions]))).rejects.toEqual(mistake(option));
  });
});

describe('the function that gives the token', () => {
  it.each([undefined, null, '', ' \n', 5])('and gives %j stops the client at once', async (given) => {
    const token = vi.fn(() => given as string);
    const { server, client, connected } = begin({ token });
    await expect(connected).rejects.toEqual(mistake('token'));
    expect([client.state, server.clock.pending, token.mock.calls.length]).toEqual(['closed', 0, 1]);
  });

  it.each([new Error('the token endpoint is down'), new TypeError('fetch failed')])('and fails with %s is asked again', async (error) => {
    const token = vi.fn().mockRejectedValueOnce(error).mockResolvedValue('t-1');
    const { server, connected } = begin({ token });
    await settled();
    await server.clock.pass(1_000);
    await server.connection.accept();
    await connected;
    expect(token).toHaveBeenCalledTimes(2);
  });

  it('and has none any more when the client comes back stops it', async () => {
    const token = vi.fn<() => string>().mockReturnValueOnce('t-1').mockReturnValue('');
    const { server, client, connected } = begin({ token });
    await settled();
    await server.connection.accept();
    await connected;
    await server.connection.close(1006);
    await server.clock.pass(1_000);
    expect(client.state).toBe('closed');
    await expect(client.request('tool.list', {})).rejects.toEqual(mistake('token'));
  });
});

describe('an open client', () => {
  it.each([
    { timeoutMs: 0 },
    { timeoutMs: NaN },
    { timeoutMs: '5s' },
    { signal: new AbortController() },
    { idempotencyKey: '' },
    { timeout: 3 },
    { onProgress: 'log' },
    { toString: 1 },
  ] as object[])('refuses a request, and a tool, with %o', async (options) => {
    const { server, client } = await openClient();
    const refused = mistake(Object.keys(options)[0] ?? '');
    await expect(client.request('tool.list', {}, options as never)).rejects.toEqual(refused);
    await expect(client.executeTool('echo', {}, options as never)).rejects.toEqual(refused);
    expect(server.connection.received.map(({ method }) => method)).toEqual(['initialize']);
  });

  it('refuses a request whose options are none', async () => {
    const { client } = await openClient();
    await expect(client.request('tool.list', {}, 3_000 as never)).rejects.toEqual(mistake('options'));
  });

  it.each([{ buffer: NaN }, { buffers: 5 }, { onGap: 'log' }] as object[])('refuses a subscription with %o', async (options) => {
    const { server, client } = await openClient();
    expect(() => client.subscribe(['a.*'], options as never)).toThrow(mistake(Object.keys(options)[0] ?? ''));
    expect(server.connection.of('event.subscribe')).toEqual([]);
  });

  it('refuses a listener of what is no event, and one that is no function', async () => {
    const { client } = await openClient();
    expect(() => client.on('close' as never, () => undefined)).toThrow(mistake('event'));
    expect(() => client.on('close' as never, () => undefined)).toThrow(
      'event is "state", "toolsChanged", "draining", "notification", not "close"',
    );
    expect(() => client.on('state', 'log' as never)).toThrow(mistake('listener'));
  });
});
