import { beforeEach, describe, expect, it } from 'vitest';

import { Failure } from '../extension/failure.js';
import { makeApiKey } from './api-key-format.js';
import type { Credential } from './credential.js';
import { FailedAuthLimiter, MAX_FAILURES_OF_ADDRESS, MAX_FAILURES_OF_KEY } from './failed-auth-limiter.js';
import { refused } from './refusal.js';
import { StoppedClock } from './testing/key-database.js';

const MINUTE_MS = 60_000;
const { text: key } = makeApiKey();
const jwt: Credential = { kind: 'token', value: 'a.b.c' };
const apiKey: Credential = { kind: 'token', value: key };
const ticket: Credential = { kind: 'ticket', value: 't' };

let clock: StoppedClock;
let limiter: FailedAuthLimiter;
beforeEach(() => {
  clock = new StoppedClock();
  limiter = new FailedAuthLimiter(clock);
});

const fail = (): never => {
  throw refused('unknown_form');
};

/** @returns how it was refused */
function tryWrong(address: string, credential: Credential = jwt): Failure {
  try {
    void limiter.watch({ address, credential }, fail);
  } catch (error) {
    return error as Failure;
  }
  throw new Error('not refused');
}

const tryRight = (address: string, credential: Credential) => limiter.watch({ address, credential }, () => 'in');
const kindsOf = (count: number, attempt: (i: number) => Failure) => Array.from({ length: count }, (_, i) => attempt(i).kind);

describe('failures of one address', () => {
  it('are told as such up to the limit, then as too many, with the time to wait', () => {
    expect(new Set(kindsOf(MAX_FAILURES_OF_ADDRESS, () => tryWrong('192.0.2.1')))).toEqual(new Set(['authentication_failed']));
    clock.time += 1_000;
    expect(tryWrong('192.0.2.1')).toMatchObject({ kind: 'rate_limited', data: { retry_after_ms: MINUTE_MS - 1_000, scope: 'ip' } });
    expect(tryWrong('192.0.2.2').kind).toBe('authentication_failed');
    clock.time += MINUTE_MS;
    expect(tryWrong('192.0.2.1').kind).toBe('authentication_failed');
  });

  it('let right credentials pass, of every kind, and no wrong ones', () => {
    kindsOf(MAX_FAILURES_OF_ADDRESS, () => tryWrong('192.0.2.1', apiKey));
    for (const credential of [apiKey, ticket, jwt]) {
      expect(tryRight('192.0.2.1', credential)).toBe('in');
      expect(tryWrong('192.0.2.1', credential).kind).toBe('rate_limited');
    }
  });

  it('are counted by network where the address is IPv6', () => {
    kindsOf(MAX_FAILURES_OF_ADDRESS, (i) => tryWrong(`2001:db8::${i}`));
    expect(tryWrong('2001:db8::ffff').kind).toBe('rate_limited');
    expect(tryWrong('2001:db8:0:1::1').kind).toBe('authentication_failed');
  });

  it('are counted for attempts that take time as well', async () => {
    const wait = async (): Promise<string> => {
      await Promise.resolve();
      throw refused('unknown_form');
    };
    const attempt = () => limiter.watch({ address: '192.0.2.1', credential: apiKey }, wait);
    for (let i = 0; i < MAX_FAILURES_OF_KEY; i++) await expect(attempt()).rejects.toMatchObject({ kind: 'authentication_failed' });
    await expect(attempt()).rejects.toMatchObject({ kind: 'rate_limited' });
  });
});

it('failures with one key are slowed from however many addresses, and the right key passes', () => {
  kindsOf(MAX_FAILURES_OF_KEY, (i) => tryWrong(`192.0.2.${i}`, apiKey));
  expect(tryWrong('192.0.2.200', apiKey)).toMatchObject({ kind: 'rate_limited', data: { scope: 'user' } });
  expect(tryWrong('192.0.2.200', { kind: 'token', value: makeApiKey().text }).kind).toBe('authentication_failed');
  expect(tryRight('192.0.2.200', apiKey)).toBe('in');
});

it("what is not the caller's fault is not counted", () => {
  const unavailable = () => {
    throw new Failure('unavailable', 'later');
  };
  for (let i = 0; i < 100; i++) expect(() => limiter.watch({ address: '192.0.2.1', credential: jwt }, unavailable)).toThrow('later');
  expect(tryWrong('192.0.2.1').kind).toBe('authentication_failed');
});

it('what is synchronous stays so', async () => {
  expect(tryRight('192.0.2.1', apiKey)).toBe('in');
  const promise = limiter.watch({ address: '192.0.2.1', credential: jwt }, async () => 'in');
  expect(promise).toBeInstanceOf(Promise);
  expect(await promise).toBe('in');
});
