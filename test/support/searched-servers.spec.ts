// What makes a run fail: a secret in what a server wrote, a server that was not searched, and no server at all.
import { randomBytes } from 'node:crypto';

import { expect, it } from 'vitest';

import { checked } from '../security/support/forged-key.js';
import { signJwt } from './jwt.js';
import { plantBytes, plantNamed, plantToken } from './planted-secrets.js';
import { problemsOf, verdict } from './searched-servers.js';

const random = (): string => randomBytes(24).toString('base64url');
const search = (log: string): string => verdict('test/some.spec.ts', { 'its output': log, 'its audit log': '' });

it('a run is right where servers were searched and nothing was found', () => {
  plantToken('a key', random());
  expect(problemsOf([search('{"msg":"listening"}'), search('')], true)).toEqual([]);
});

it('a secret in a log is a problem that names its kind, the spec and the place, and shows what is around it but not the secret', () => {
  const ticket = random();
  plantToken('a ticket', ticket);
  const problem = 'test/some.spec.ts: a ticket is in its output: …{"url":"/ws?ticket=[a ticket]"}…';
  expect(problemsOf([search(`{"url":"/ws?ticket=${ticket}"}`)], true)).toEqual([problem]);
  expect(verdict('test/some.spec.ts', { 'its output': '', 'its audit log': ticket })).toContain('a ticket is in its audit log');
});

it('keys and JWTs are found by the part that proves something, and in the forms that handshakes have them in', async () => {
  const secret = 'S3cret'.repeat(8).slice(0, 43);
  const key = checked(`mcpw_abcdefghijkl_${secret}`);
  const jwt = await signJwt('a-secret-of-an-issuer-0123456789abcdef', { sub: 'ada' });
  plantToken('a key', key);
  for (const form of [key, secret, Buffer.from(key).toString('base64url'), Buffer.from(key).toString('base64')])
    expect(search(`was ${form} here`)).toContain('a key');
  for (const form of [jwt, jwt.split('.')[2] ?? '', Buffer.from(jwt).toString('base64url')])
    expect(search(`was ${form} here`)).toContain('a JWT');
  expect(search('key:abcdefghijkl of ada')).toBe(search(''));
});

it('keys of sessions are found in hex and base64, and settings by their names', () => {
  const key = randomBytes(32);
  plantBytes('macToServer', key);
  for (const encoding of ['hex', 'base64', 'base64url'] as const) expect(search(key.toString(encoding))).toContain('macToServer');
  const [header, variable, name] = [random(), random(), random()];
  plantNamed('the setting', {
    mcpServers: { one: { headers: { Authorization: `Bearer ${header}` }, env: { API_TOKEN: variable }, name } },
  });
  expect(search(header)).toContain('the setting Authorization');
  expect(search(variable)).toContain('the setting API_TOKEN');
  expect(search(name)).toBe(search(''));
});

it('a server that was not searched is a problem, and so is a whole suite without a server', () => {
  expect(problemsOf(['begun: test/some.spec.ts', search('')], false)).toEqual(['test/some.spec.ts: a server was not searched']);
  expect(problemsOf([], true)).toEqual(['no server was searched']);
  expect(problemsOf([], false)).toEqual([]);
});
