import { describe, expect, it } from 'vitest';

import { settle } from './client-options.js';
import { InvalidOptionError } from './errors.js';

const BASE = { url: 'ws://server/ws', name: 'test' };

describe('settle', () => {
  it('encrypts frames and signs text where security is simply wanted', () => {
    expect(settle({ ...BASE, security: true }).security).toBe('sign');
    expect(settle({ ...BASE, security: true, encoding: 'binary' }).security).toBe('encrypt');
    expect(settle({ ...BASE, security: 'sign', encoding: 'binary' }).security).toBe('sign');
    expect(settle(BASE).security).toBe('none');
  });

  it('refuses encrypted text, which there is not', () => {
    expect(() => settle({ ...BASE, security: 'encrypt' })).toThrow('text is signed, not encrypted');
  });

  it.each(['http://server/ws', 'server/ws', '', 'https://user:password@server/ws', 'ws://server/ws#part', undefined as never])(
    'refuses the URL "%s"',
    (url) => {
      const refused = expect(() => settle({ ...BASE, url }));
      refused.toThrow(expect.objectContaining({ name: 'InvalidOptionError', option: 'url', message: expect.stringContaining('url') }));
      refused.toThrow(TypeError);
    },
  );

  it.each([
    [{ name: '' }, 'name is a text that is not empty, not ""'],
    [{ name: undefined }, 'name is a text that is not empty, not undefined'],
    [{ version: 1 }, 'version is a text that is not empty, not 1'],
    [{ encoding: 'xml' }, 'encoding is "json", "binary", not "xml"'],
    [{ batching: 'yes' }, 'batching is true or false, not "yes"'],
    [{ compression: 'gzip' }, 'compression is true or false, not "gzip"'],
    [{ security: 'tls' }, 'security is true, false, "sign", "encrypt", not "tls"'],
    [{ requestTimeoutMs: '5s' }, 'requestTimeoutMs is a number above 0, not "5s"'],
    [{ requestTimeoutMs: NaN }, 'requestTimeoutMs is a number above 0, not NaN'],
    [{ connectTimeoutMs: -1 }, 'connectTimeoutMs is a number above 0, not -1'],
    [{ maxWaiting: 0 }, 'maxWaiting is a number above 0, not 0'],
    [{ maxWaitMs: null }, 'maxWaitMs is a number above 0, not null'],
    [{ rateLimit: 100 }, 'rateLimit is true or false, not 100'],
    [{ idleMs: 0 }, 'idleMs is a number above 0, not 0'],
    [{ pongTimeoutMs: -5 }, 'pongTimeoutMs is a number above 0, not -5'],
    [{ maxMessageBytes: '64MB' }, 'maxMessageBytes is a number above 0, not "64MB"'],
    [{ reconnect: 5 }, 'reconnect is true, false or an object, not 5'],
    [{ reconnect: { baseMs: -1 } }, 'reconnect.baseMs is a number of 0 or more, not -1'],
    [{ reconnect: [5] }, 'reconnect is true, false or an object, not a list'],
    [{ reconnect: { maxAttempts: 'many' } }, 'reconnect.maxAttempts is a number of 0 or more, not "many"'],
    [{ reconnect: { retries: 5 } }, 'reconnect.retries is no option of this client'],
    [{ apiKey: 'k-1' }, 'apiKey is no option of this client'],
    [{ toString: 1 }, 'toString is no option of this client'],
    [{ name: Object.create(null) as object }, 'name is a text that is not empty, not an object'],
  ])('refuses %o by its name', (options, message) => {
    const [option = ''] = message.split(' ');
    expect(() => settle({ ...BASE, ...options } as never)).toThrow(new InvalidOptionError(option, message));
  });

  it.each([
    [undefined, 'not undefined'],
    [null, 'not null'],
    ['ws://server/ws', 'not ws://…'],
    [[], 'not a list'],
  ])('refuses %o instead of options', (given, what) => {
    const message = `options is an object with url and name, ${what}`;
    expect(() => settle(given as never)).toThrow(new InvalidOptionError('options', message));
  });

  it('tells nothing of a URL that may have a secret in it', () => {
    const refused = expect(() => settle({ ...BASE, url: 'https://user:password@server/ws?ticket=t-1' }));
    refused.toThrow(new InvalidOptionError('url', 'url is ws://… or wss://…, not https://…'));
  });

  it('takes what is not given for its default', () => {
    const none = Object.fromEntries(Object.keys(settle(BASE)).map((name) => [name, undefined]));
    expect(settle({ ...none, ...BASE })).toEqual(settle(BASE));
  });

  it('fills in what of reconnecting is not said', () => {
    expect(settle({ ...BASE, reconnect: { maxAttempts: 3 } }).reconnect).toEqual({ baseMs: 500, maxMs: 30_000, maxAttempts: 3 });
    expect(settle(BASE).reconnect).toEqual({ baseMs: 500, maxMs: 30_000, maxAttempts: Infinity });
    expect(settle({ ...BASE, reconnect: false }).reconnect).toBeUndefined();
  });
});
