import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { AuditEntry } from '../extension/audit-log.js';
import { AuthenticationAudit } from './authentication-audit.js';
import { FailedAuthLimiter, MAX_FAILURES_OF_ADDRESS } from './failed-auth-limiter.js';
import { refused, wrongForm, type CredentialRefused } from './refusal.js';
import { RefusalLog } from './refusal-log.js';
import { StoppedClock } from './testing/key-database.js';

const TOKEN = 'eyJhbGciOi.J9.secret';
const address = '192.0.2.1';

let clock: StoppedClock;
let records: AuditEntry[];
let lines: object[];
let attempts: AuthenticationAudit;
beforeEach(() => {
  clock = new StoppedClock();
  records = [];
  lines = [];
  vi.spyOn(Logger.prototype, 'log').mockImplementation((line: object) => void lines.push(line));
  attempts = new AuthenticationAudit(new FailedAuthLimiter(clock), new RefusalLog(clock), {
    record: (entry) => void records.push(entry),
    recordCall: () => undefined,
  });
});
afterEach(() => vi.restoreAllMocks());

function fail(refusal: CredentialRefused): void {
  const attempt = { address, credential: { kind: 'token', value: TOKEN } } as const;
  expect(() =>
    attempts.watch(attempt, () => {
      throw refusal;
    }),
  ).toThrow();
}

describe('a refused credential', () => {
  it('is in the log of the server and in the audit with its reason, and never itself', () => {
    fail(refused('jwt_issuer', { expected: 'https://a.test', found: 'https://b.test' }));
    expect(lines).toEqual([{ reason: 'jwt_issuer', expected: 'https://a.test', found: 'https://b.test', address, count: 1 }]);
    expect(records).toEqual([{ action: 'authenticate', outcome: 'authentication_failed', address, target: 'jwt', reason: 'jwt_issuer' }]);
    expect(JSON.stringify([lines, records])).not.toContain(TOKEN);
  });

  it('of each reason has a line a second, which counts those before it', () => {
    for (let i = 0; i < 5; i++) fail(refused('jwt_issuer'));
    fail(refused('jwt_audience'));
    clock.time += 1_000;
    fail(refused('jwt_issuer'));
    expect(lines).toMatchObject([
      { reason: 'jwt_issuer', count: 1 },
      { reason: 'jwt_audience', count: 1 },
      { reason: 'jwt_issuer', count: 5 },
    ]);
  });

  it('has its reason also where too many came before it', () => {
    for (let i = 0; i <= MAX_FAILURES_OF_ADDRESS; i++) fail(refused('jwt_signature'));
    expect(records.at(-1)).toMatchObject({ outcome: 'rate_limited', reason: 'jwt_signature' });
  });

  it('is an attempt too where it has no form', () => {
    expect(() =>
      attempts.find(address, () => {
        throw wrongForm();
      }),
    ).toThrow(/wrong form/);
    expect(records).toEqual([
      { action: 'authenticate', outcome: 'authentication_failed', address, target: 'unknown', reason: 'header_form' },
    ]);
    expect(lines).toMatchObject([{ reason: 'header_form' }]);
  });
});
