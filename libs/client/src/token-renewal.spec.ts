import { describe, expect, it } from 'vitest';

import { FakeClock, settled } from './testing/fake-clock.js';
import { expiryOf, TokenRenewal } from './token-renewal.js';

function jwt(claims: unknown): string {
  return `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;
}

function tokenFor(clock: FakeClock, seconds: number): string {
  return jwt({ exp: clock.now() / 1000 + seconds });
}

function renewalOf(clock: FakeClock, fresh: () => string): { renewal: TokenRenewal; told: string[] } {
  const told: string[] = [];
  const renewal = new TokenRenewal(
    clock,
    () => Promise.resolve(fresh()),
    (token) => Promise.resolve(told.push(token)),
  );
  return { renewal, told };
}

describe('TokenRenewal', () => {
  it('renews a minute before the end, and again with what it got', async () => {
    const clock = new FakeClock();
    const { renewal, told } = renewalOf(clock, () => tokenFor(clock, 3600));
    renewal.start(tokenFor(clock, 3600));
    await clock.pass(3_539_999);
    expect(told).toHaveLength(0);
    await clock.pass(1);
    expect(told).toHaveLength(1);
    await clock.pass(3_540_000);
    expect(told).toHaveLength(2);
    renewal.stop();
    expect(clock.pending).toBe(0);
  });

  it('renews a short-lived one after four fifths of its time', async () => {
    const clock = new FakeClock();
    const { renewal, told } = renewalOf(clock, () => 'opaque');
    renewal.start(tokenFor(clock, 100));
    await clock.pass(79_999);
    expect(told).toEqual([]);
    await clock.pass(1);
    expect(told).toEqual(['opaque']);
  });

  it('does not ask without end for a token that stays the same', async () => {
    const clock = new FakeClock();
    const same = tokenFor(clock, 100);
    const { renewal, told } = renewalOf(clock, () => same);
    renewal.start(same);
    await clock.pass(200_000);
    expect(told).toEqual([same]);
  });

  it('leaves it to the server where there is no fresh one', async () => {
    const clock = new FakeClock();
    const { renewal, told } = renewalOf(clock, () => {
      throw new Error('the token endpoint is down');
    });
    renewal.start(tokenFor(clock, 100));
    await clock.pass(200_000);
    expect(told).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('tells nobody of a token that came after the end', async () => {
    const clock = new FakeClock();
    const { renewal, told } = renewalOf(clock, () => {
      renewal.stop();
      return 'late';
    });
    renewal.start(tokenFor(clock, 100));
    await clock.pass(100_000);
    await settled();
    expect(told).toEqual([]);
  });
});

describe('expiryOf', () => {
  it.each(['', 'key', 'a.b.c', jwt(null), jwt({ exp: 'soon' }), jwt({}), 'e30.!!!.x'])('is none for "%s"', (token) => {
    expect(expiryOf(token)).toBeUndefined();
  });

  it('is the claim in milliseconds', () => {
    expect(expiryOf(jwt({ exp: 1_790_000_000 }))).toBe(1_790_000_000_000);
  });
});
