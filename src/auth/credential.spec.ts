import { describe, expect, it } from 'vitest';

import { leastCpuMs } from '../extension/testing/cpu-ms.js';
import { credentialOf, upgradeCredentialOf, type CredentialCarrier } from './credential.js';

const entry = (token: string): string => `mcpw.bearer.${Buffer.from(token).toString('base64url')}`;
const request = (headers: CredentialCarrier['headers'], url = '/ws'): CredentialCarrier => ({ headers, url });

describe.each([
  ['credentialOf', credentialOf],
  ['upgradeCredentialOf', upgradeCredentialOf],
])('%s', (_, find) => {
  it.each([
    ['Bearer abc', 'abc'],
    ['bearer abc', 'abc'],
    ['BEARER   abc ', 'abc'],
    ['Bearer a b', 'a b'],
    ['Bearer', ''],
    ['Bearer ', ''],
  ])('finds the token of Authorization: %j', (authorization, value) => {
    expect(find(request({ authorization }))).toEqual({ kind: 'token', value });
  });

  it.each(['Basic dXNlcjpwYXNz', 'Bearerx abc', 'Beare', 'nope', 'mcpw_abcdefghijkl_0', ''])(
    'sees no credential in Authorization: %j',
    (authorization) => {
      expect(() => find(request({ authorization }))).toThrow(
        expect.objectContaining({
          kind: 'authentication_failed',
          message: expect.stringMatching(/Authorization: Bearer <API key or JWT>/),
        }),
      );
    },
  );

  it('sees none in a request that shows none', () => {
    expect(find(request({}))).toBeNull();
  });

  it('takes X-API-Key where there is no bearer, also beside the Basic of a proxy', () => {
    expect(find(request({ 'x-api-key': 'k' }))).toEqual({ kind: 'token', value: 'k' });
    expect(find(request({ authorization: 'Basic x', 'x-api-key': 'k' }))).toEqual({ kind: 'token', value: 'k' });
    expect(find(request({ authorization: 'Bearer b', 'x-api-key': 'k' }))).toEqual({ kind: 'token', value: 'b' });
  });

  it('is not slow on a long header without a space', () => {
    const looked = () => [
      find(request({ authorization: 'a'.repeat(16_000), 'x-api-key': 'k' })),
      find(request({ authorization: `Bearer ${' '.repeat(16_000)}x` })),
    ];
    expect(leastCpuMs(looked, 20)).toBeLessThan(20);
  });
});

describe('of an upgrade alone', () => {
  it('takes the subprotocol entry of browsers, wherever it stands among the others', () => {
    const headers = { 'sec-websocket-protocol': `mcpw.v1.json, ${entry('tökén')},mcp` };
    expect(upgradeCredentialOf(request(headers))).toEqual({ kind: 'token', value: 'tökén' });
    expect(credentialOf(request(headers))).toBeNull();
  });

  it('takes ?ticket=', () => {
    expect(upgradeCredentialOf(request({}, '/ws?x=1&ticket=a%2Bb'))).toEqual({ kind: 'ticket', value: 'a+b' });
    expect(credentialOf(request({}, '/ws?ticket=a'))).toBeNull();
  });

  it.each(['/ws', '/ws?', '/ws?token=abc', '/ws?xticket=abc', '/ws?access_token=abc', '/ticket=abc'])('sees no credential in %s', (url) => {
    expect(upgradeCredentialOf(request({}, url))).toBeNull();
  });

  it('goes on to each of them where Authorization is the Basic of a proxy', () => {
    const authorization = 'Basic dXNlcjpwYXNz';
    expect(upgradeCredentialOf(request({ authorization, 'sec-websocket-protocol': entry('t') }))).toMatchObject({ value: 't' });
    expect(upgradeCredentialOf(request({ authorization }, '/ws?ticket=t'))).toMatchObject({ kind: 'ticket', value: 't' });
    expect(() => upgradeCredentialOf(request({ authorization }, '/ws?token=t'))).toThrow(/wrong form/);
  });

  it('an empty entry or ticket is a credential, and a wrong one', () => {
    expect(upgradeCredentialOf(request({ 'sec-websocket-protocol': 'mcpw.bearer.' }))).toEqual({ kind: 'token', value: '' });
    expect(upgradeCredentialOf(request({}, '/ws?ticket='))).toEqual({ kind: 'ticket', value: '' });
  });

  it('the first found wins: Authorization, X-API-Key, subprotocol, ticket', () => {
    const all = { authorization: 'Bearer one', 'x-api-key': 'two', 'sec-websocket-protocol': entry('three') };
    const { authorization, ...withoutAuthorization } = all;
    const { 'x-api-key': _, ...offeredOnly } = withoutAuthorization;
    expect(authorization).toBe('Bearer one');
    const values = [all, withoutAuthorization, offeredOnly, {}].map(
      (headers) => upgradeCredentialOf(request(headers, '/ws?ticket=four'))?.value,
    );
    expect(values).toEqual(['one', 'two', 'three', 'four']);
  });
});
