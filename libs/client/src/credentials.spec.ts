import { describe, expect, it } from 'vitest';

import { Credentials } from './credentials.js';
import { InvalidOptionError } from './errors.js';

const URL_ = 'wss://server/ws?a=1';

describe('Credentials', () => {
  it.each([{ key: 'k-1' }, { token: 'k-1' }, { token: () => 'k-1' }, { token: () => Promise.resolve('k-1') }])(
    'go into a header where headers can be sent: %o',
    async (options) => {
      const { request, secret } = await new Credentials(options).present(URL_, 'mcpw.v1.json', true);
      expect(request).toEqual({ url: URL_, protocols: ['mcpw.v1.json'], headers: { Authorization: 'Bearer k-1' } });
      expect(secret).toBe('k-1');
    },
  );

  it('are a subprotocol entry where headers cannot be sent', async () => {
    const { request } = await new Credentials({ key: 'kéy' }).present(URL_, 'mcpw.v1.binary', false);
    expect(request.headers).toEqual({});
    expect(request.protocols).toEqual(['mcpw.v1.binary', `mcpw.bearer.${Buffer.from('kéy').toString('base64url')}`]);
  });

  it('of the kind ticket go into the URL', async () => {
    const { request, secret } = await new Credentials({ ticket: 't/1' }).present(URL_, 'mcpw.v1.json', false);
    expect(request).toEqual({ url: 'wss://server/ws?a=1&ticket=t%2F1', protocols: ['mcpw.v1.json'], headers: {} });
    expect(secret).toBe('t/1');
  });

  it('are none where none are given', async () => {
    const { request, secret } = await new Credentials({}).present(URL_, 'mcpw.v1.json', true);
    expect(request).toEqual({ url: URL_, protocols: ['mcpw.v1.json'], headers: {} });
    expect(secret).toBe('');
  });

  it('come without the line end of the file that they were read from', async () => {
    expect((await new Credentials({ key: 'k-1\n' }).present(URL_, 'mcpw.v1.json', true)).secret).toBe('k-1');
  });

  it.each([
    [{ key: '' }, 'the key is empty'],
    [{ token: ' \n' }, 'the token is empty'],
    [{ key: 5 as never }, 'the key is of type number, not a string'],
    [{ ticket: null as never }, 'the ticket is of type object, not a string'],
  ])('are refused at once where they are none: %o', (options, message) => {
    expect(() => new Credentials(options)).toThrow(new InvalidOptionError(Object.keys(options)[0] ?? '', message));
  });

  it.each([
    [undefined, 'the token that its function gave is of type undefined, not a string'],
    ['', 'the token that its function gave is empty'],
  ])('are refused where their function gives %o', async (given, message) => {
    await expect(new Credentials({ token: () => given as string }).fetch()).rejects.toThrow(new InvalidOptionError('token', message));
  });

  it.each(['k\n1', 'k-…'])('are refused where a header cannot carry them: %o', async (key) => {
    const credentials = new Credentials({ key });
    const message = 'the key has characters that a header cannot carry';
    await expect(credentials.present(URL_, 'mcpw.v1.json', true)).rejects.toThrow(new InvalidOptionError('key', message));
    expect((await credentials.present(URL_, 'mcpw.v1.json', false)).secret).toBe(key);
  });

  it('are asked for anew each time where they are a function', async () => {
    let count = 0;
    const credentials = new Credentials({ token: () => `t-${++count}` });
    await credentials.fetch();
    expect(await credentials.fetch()).toBe('t-2');
    expect([credentials.isRenewable, credentials.isRenewableToken]).toEqual([true, true]);
  });

  it('that are a ticket serve once, unless a function gets new ones', async () => {
    const fixed = new Credentials({ ticket: 't-1' });
    await fixed.fetch();
    await expect(fixed.fetch()).rejects.toThrow('a ticket is good for one connection');
    const renewed = new Credentials({ ticket: () => 't-2' });
    await renewed.fetch();
    expect(await renewed.fetch()).toBe('t-2');
    expect([renewed.isRenewable, renewed.isRenewableToken]).toEqual([true, false]);
  });

  it('that are a key serve for every connection', async () => {
    const credentials = new Credentials({ key: 'k-1' });
    await credentials.fetch();
    expect(await credentials.fetch()).toBe('k-1');
    expect(credentials.isRenewable).toBe(false);
  });

  it('are one at a time', () => {
    expect(() => new Credentials({ key: 'k', token: 't' } as never)).toThrow(
      new InvalidOptionError('token', 'give one credential, not key and token'),
    );
  });
});
