import { describe, expect, it } from 'vitest';

import type { Settings } from './client-options.js';
import type { Ending } from './ending.js';
import { ConnectionLostError, McpwError, UnsupportedError, UpgradeRefusedError } from './errors.js';
import { ReconnectPolicy } from './reconnect-policy.js';
import { FakeClock } from './testing/fake-clock.js';

const OPTIONS = { baseMs: 500, maxMs: 30_000, maxAttempts: Infinity };
const LOST = closed(1006);

function closed(code: number): Ending {
  return { kind: 'closed', code, reason: 'why' };
}

function refused(status: number, retryAfterMs?: number): Ending {
  return { kind: 'refused', error: new UpgradeRefusedError(status, 'no', undefined, retryAfterMs) };
}

function rejected(code: number, data?: unknown): Ending {
  return { kind: 'rejected', error: new McpwError(code, 'no', data) };
}

function policyOf(
  options: Settings['reconnect'] = OPTIONS,
  { isRenewable = false, luck = 1 } = {},
): { policy: ReconnectPolicy; clock: FakeClock } {
  const clock = new FakeClock();
  return { clock, policy: new ReconnectPolicy(options, isRenewable, { clock, random: () => luck }) };
}

describe('ReconnectPolicy', () => {
  it.each([1001, 1005, 1006, 1011, 1012, 1013, 4503, 4508, 4513, 4599])('comes back after %i', (code) => {
    expect(policyOf().policy.judge(closed(code))).toEqual({ retryInMs: 500 });
  });

  it.each([1000, 1003, 1007, 1009, 4400, 4401, 4403, 4408, 4409, 4429, 4499])('does not come back after %i', (code) => {
    const verdict = policyOf().policy.judge(closed(code));
    expect(verdict).toEqual({ stop: expect.any(ConnectionLostError) });
    expect((verdict as { stop: ConnectionLostError }).stop.closeCode).toBe(code);
  });

  it.each([408, 425, 429, 500, 502, 503, 504])('comes back after an upgrade answered with %i', (status) => {
    expect(policyOf().policy.judge(refused(status))).toEqual({ retryInMs: 500 });
  });

  it.each([200, 301, 400, 401, 403, 404])('does not come back after an upgrade answered with %i', (status) => {
    expect(policyOf().policy.judge(refused(status))).toEqual({ stop: expect.any(UpgradeRefusedError) });
  });

  it.each([4002, 4003, 4014, 4016])('comes back after an initialize answered with %i', (code) => {
    expect(policyOf().policy.judge(rejected(code))).toEqual({ retryInMs: 500 });
  });

  it.each([4000, 4001, 4005, 4011, 4012])('does not come back after an initialize answered with %i', (code) => {
    expect(policyOf().policy.judge(rejected(code))).toEqual({ stop: expect.any(McpwError) });
  });

  it('comes back where nobody answered', () => {
    expect(policyOf().policy.judge({ kind: 'unreachable', error: new Error('ECONNREFUSED') })).toEqual({ retryInMs: 500 });
  });

  it('does not come back where the platform cannot', () => {
    const error = new UnsupportedError('this Node has no WebSocket');
    expect(policyOf().policy.judge({ kind: 'unsupported', error })).toEqual({ stop: error });
  });

  it('waits a random part of a time that doubles up to a limit', () => {
    const { policy } = policyOf();
    const waits = Array.from({ length: 9 }, () => policy.judge(LOST));
    expect(waits.map((verdict) => 'retryInMs' in verdict && verdict.retryInMs)).toEqual([
      500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000,
    ]);
    const lucky = policyOf(OPTIONS, { luck: 0.1 }).policy;
    expect([lucky.judge(LOST), lucky.judge(LOST)]).toEqual([{ retryInMs: 50 }, { retryInMs: 100 }]);
  });

  it('begins anew with short waits after a connection that held, and not after one that did not', async () => {
    const { policy, clock } = policyOf();
    policy.judge(LOST);
    policy.judge(LOST);
    policy.opened();
    await clock.pass(4_999);
    expect(policy.judge(LOST)).toEqual({ retryInMs: 2000 });
    policy.opened();
    await clock.pass(5_000);
    expect(policy.judge(LOST)).toEqual({ retryInMs: 500 });
  });

  it('comes back when a draining server said, to the millisecond', async () => {
    const { policy, clock } = policyOf();
    policy.opened();
    policy.draining(3_000);
    await clock.pass(1_200);
    expect(policy.judge(closed(4503))).toEqual({ retryInMs: 1_800 });
    expect(policy.judge(LOST)).toEqual({ retryInMs: 1000 });
  });

  it('comes back at once where the time that was said is over', async () => {
    const { policy, clock } = policyOf();
    policy.draining(100);
    await clock.pass(1_000);
    expect(policy.judge(closed(4503))).toEqual({ retryInMs: 0 });
  });

  it('obeys Retry-After and retry_after_ms, and spreads beyond them', () => {
    const { policy } = policyOf();
    expect(policy.judge(refused(503, 10_000))).toEqual({ retryInMs: 10_500 });
    expect(policy.judge(rejected(4002, { retry_after_ms: 2_000 }))).toEqual({ retryInMs: 3_000 });
  });

  it.each([closed(4401), refused(401), rejected(4001)])('tries a fresh credential once where one can be had: %o', (ending) => {
    const { policy } = policyOf(OPTIONS, { isRenewable: true });
    expect(policy.judge(ending)).toHaveProperty('retryInMs');
    expect(policy.judge(ending)).toHaveProperty('stop');
  });

  it('tries a fresh one again after a connection that held came of it, and not after one that did not', async () => {
    const { policy, clock } = policyOf(OPTIONS, { isRenewable: true });
    expect(policy.judge(closed(4401))).toHaveProperty('retryInMs');
    policy.opened();
    await clock.pass(5_000);
    expect(policy.judge(closed(4401))).toHaveProperty('retryInMs');
    policy.opened();
    await clock.pass(4_999);
    expect(policy.judge(closed(4401))).toHaveProperty('stop');
  });

  it('asks again for a credential that could not be had, where it is a function that gives it', () => {
    const ending: Ending = { kind: 'no-credential', error: new Error('the token endpoint is down') };
    expect(policyOf(OPTIONS, { isRenewable: true }).policy.judge(ending)).toEqual({ retryInMs: 500 });
    expect(policyOf().policy.judge(ending)).toEqual({ stop: expect.any(ConnectionLostError) });
  });

  it('gives up after maxAttempts, and says why the last one failed', () => {
    const { policy } = policyOf({ ...OPTIONS, maxAttempts: 2 });
    policy.judge(LOST);
    policy.judge(LOST);
    const verdict = policy.judge({ kind: 'unreachable', error: new Error('ECONNREFUSED') });
    expect(verdict).toEqual({ stop: expect.any(ConnectionLostError) });
    expect(String((verdict as { stop: Error }).stop.cause)).toContain('ECONNREFUSED');
  });

  it('does not come back where that is switched off', () => {
    const clock = new FakeClock();
    expect(new ReconnectPolicy(undefined, true, { clock, random: () => 1 }).judge(LOST)).toEqual({ stop: expect.any(ConnectionLostError) });
  });
});
