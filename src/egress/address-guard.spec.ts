import { createServer, type Server } from 'node:http';
import type { LookupAddress } from 'node:dns';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Failure } from '../extension/failure.js';
import { AddressGuard } from './address-guard.js';
import { HttpCaller } from './http-caller.js';
import { isPublicAddress } from './public-address.js';

const family = (address: string): number => (address.includes(':') ? 6 : 4);

/** A resolver that gives, for each name, its lists of addresses one after the other, the last for ever. */
function resolver(names: Record<string, string[][]>) {
  return (host: string, _options: { all: true }, done: (error: Error | null, addresses: LookupAddress[]) => void): void => {
    const answers = names[host];
    const answer = answers !== undefined && answers.length > 1 ? answers.shift() : answers?.[0];
    if (answer === undefined) done(new Error('ENOTFOUND'), []);
    else
      done(
        null,
        answer.map((address) => ({ address, family: family(address) })),
      );
  };
}

it('does not tell which names there are inside', async () => {
  const guard = new AddressGuard([], resolver({ 'inside.example': [['10.1.2.3']] }));
  const told = await Promise.all(
    ['inside.example', 'nowhere.example'].map((host) =>
      guard.check(new URL(`https://${host}/`)).then(
        () => 'nothing',
        (error: Failure) => JSON.stringify([error.message, error.data]).replaceAll(host, '<host>'),
      ),
    ),
  );
  expect(told[0]).toMatch('no public address');
  expect(told[1]).toBe(told[0]);
});

describe('a public address', () => {
  it.each(['8.8.8.8', '1.1.1.1', '172.15.0.1', '172.32.0.1', '2606:4700::1111', '::ffff:8.8.8.8'])('is %s', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    ...[
      '127.0.0.1',
      '127.255.255.254',
      '0.0.0.0',
      '10.1.2.3',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '169.254.169.254',
      '100.64.0.1',
    ],
    ...['224.0.0.1', '255.255.255.255', '192.0.2.1', '198.18.0.1'],
    ...[
      '::1',
      '::',
      'fe80::1',
      'fe80::1%eth0',
      'fc00::1',
      'fd12:3456::1',
      'ff02::1',
      '2001:db8::1',
      '64:ff9b::7f00:1',
      '2002:7f00:1::',
      '::127.0.0.1',
    ],
    ...['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:10.0.0.1', '::ffff:169.254.169.254', '', 'localhost', '2130706433'],
  ])('is not %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe('a URL that somebody gives', () => {
  const names = { 'good.example': [['8.8.8.8']], 'mixed.example': [['8.8.8.8', '127.0.0.1']], 'inside.example': [['10.0.0.5']] };
  const guard = new AddressGuard(['Tools.Internal.'], resolver({ ...names, 'tools.internal': [['10.0.0.9']] }));
  const check = (url: string) => guard.check(new URL(url));

  it.each(['https://good.example/mcp', 'https://8.8.8.8/', 'http://tools.internal:3000/', 'http://TOOLS.internal./'])(
    'may be %s',
    async (url) => {
      await expect(check(url)).resolves.toBeUndefined();
    },
  );

  it.each([
    ...[
      'http://127.0.0.1/',
      'http://localhost.example/',
      'http://2130706433/',
      'http://0x7f.1/',
      'http://0177.0.0.1/',
      'http://0/',
      'http://127.1/',
    ],
    ...[
      'http://[::1]/',
      'http://[::ffff:127.0.0.1]/',
      'http://[fe80::1]/',
      'http://mixed.example/',
      'http://inside.example/',
      'http://nowhere.example/',
    ],
    ...['http://１２７.0.0.1/', 'ws://169.254.169.254/latest/meta-data'],
  ])('is refused when it is %s', async (url) => {
    await expect(check(url)).rejects.toMatchObject({ kind: 'invalid_params' });
  });
});

describe('a request to a guarded host', () => {
  let server: Server;
  let port: number;
  let hits = 0;
  const callers: HttpCaller[] = [];
  const caller = (allowed: string[], names: Record<string, string[][]> = {}, maxResponseBytes = 1000): HttpCaller => {
    const made = new HttpCaller({ guard: new AddressGuard(allowed, resolver(names)), connectTimeoutMs: 2000, maxResponseBytes });
    callers.push(made);
    return made;
  };

  beforeAll(async () => {
    server = createServer((request, response) => {
      hits++;
      const [, what, argument = ''] = request.url?.split('/') ?? [];
      if (what === 'redirect') response.writeHead(307, { location: decodeURIComponent(argument) }).end();
      else if (what === 'see-other') response.writeHead(303, { location: '/ok' }).end();
      else if (what === 'big') response.end('x'.repeat(Number(argument)));
      else if (what === 'events') {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        for (let i = 0; i < 20; i++) response.write(`data: ${'e'.repeat(Number(argument))}\n\n`);
        response.end();
      } else response.end(`${request.method} ok`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(async () => {
    await Promise.all(callers.map((made) => made.close()));
    await new Promise((resolve) => server.close(resolve));
  });

  it('is made when its address may be reached', async () => {
    const answer = await caller(['inside.example'], { 'inside.example': [['127.0.0.1']] }).fetch(`http://inside.example:${port}/`);
    expect(await answer.text()).toBe('GET ok');
  });

  it('is not made when the name has come to mean another address since it was checked', async () => {
    const names = { 'rebound.example': [['8.8.8.8'], ['127.0.0.1']] };
    const guard = new AddressGuard([], resolver(names));
    await guard.check(new URL(`http://rebound.example:${port}/`));
    const before = hits;
    const rebound = new HttpCaller({ guard, connectTimeoutMs: 2000, maxResponseBytes: 1000 });
    callers.push(rebound);
    await expect(rebound.fetch(`http://rebound.example:${port}/`)).rejects.toMatchObject({ cause: { kind: 'invalid_params' } });
    expect(hits).toBe(before);
  });

  it.each(['http://127.0.0.1', 'http://[::ffff:127.0.0.1]', 'http://2130706433'])('is not made to %s', async (origin) => {
    await expect(caller([]).fetch(`${origin}:${port}/`)).rejects.toMatchObject({ kind: 'invalid_params' });
  });

  it('follows redirects within its origin, and no other', async () => {
    const names = { 'inside.example': [['127.0.0.1']], 'other.example': [['127.0.0.1']] };
    const fetch = caller(['inside.example', 'other.example'], names).fetch;
    const to = (target: string): string => `http://inside.example:${port}/redirect/${encodeURIComponent(target)}`;
    expect(await (await fetch(to('/ok'), { method: 'POST', body: 'x' })).text()).toBe('POST ok');
    await expect(fetch(to(`http://other.example:${port}/`))).rejects.toMatchObject({ kind: 'forbidden' });
    await expect(fetch(to(`http://127.0.0.1:${port}/`))).rejects.toMatchObject({ kind: 'forbidden' });
    await expect(fetch(to(to('')))).rejects.toMatchObject({ kind: 'forbidden' });
    expect(await (await fetch(`http://inside.example:${port}/see-other`)).text()).toBe('GET ok');
    expect((await fetch(`http://inside.example:${port}/see-other`, { method: 'POST', body: 'x' })).status).toBe(303);
  });

  it('gives answers up to the limit and no more; of events each', async () => {
    const fetch = caller(['127.0.0.1']).fetch;
    expect((await (await fetch(`http://127.0.0.1:${port}/big/1000`)).text()).length).toBe(1000);
    await expect(fetch(`http://127.0.0.1:${port}/big/1001`).then((answer) => answer.text())).rejects.toMatchObject({ kind: 'too_large' });
    expect((await (await fetch(`http://127.0.0.1:${port}/events/40`)).text()).length).toBe(20 * 48);
    await expect(fetch(`http://127.0.0.1:${port}/events/2000`).then((answer) => answer.text())).rejects.toMatchObject({
      kind: 'too_large',
    });
  });
});
