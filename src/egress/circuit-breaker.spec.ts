import { beforeEach, describe, expect, it } from 'vitest';

import { CircuitBreaker } from './circuit-breaker.js';

describe('a circuit breaker', () => {
  let now = 0;
  let breaker: CircuitBreaker;
  const fail = (times: number): void => {
    for (let i = 0; i < times; i++) {
      expect(breaker.admit()).toBe(0);
      breaker.failed();
    }
  };

  beforeEach(() => {
    now = 1_000;
    breaker = new CircuitBreaker({ now: () => now }, { threshold: 3, openMs: 100, maxOpenMs: 300 });
  });

  it('opens after failures in a row, and says for how long', () => {
    fail(3);
    expect(breaker.state).toBe('open');
    now += 40;
    expect(breaker.admit()).toBe(60);
  });

  it('starts over with every success', () => {
    fail(2);
    breaker.succeeded();
    fail(2);
    expect(breaker.state).toBe('closed');
  });

  it('lets one call try, and closes when it goes well', () => {
    fail(3);
    now += 100;
    expect(breaker.admit()).toBe(0);
    expect(breaker.admit()).toBeGreaterThan(0);
    breaker.succeeded();
    expect([breaker.state, breaker.admit()]).toEqual(['closed', 0]);
  });

  it('stays open for longer each time that the trial fails, up to a limit', () => {
    fail(3);
    for (const openMs of [100, 200, 300, 300]) {
      expect(breaker.admit()).toBe(openMs);
      now += openMs;
      expect(breaker.admit()).toBe(0);
      breaker.failed();
    }
  });

  it('lets another call try when the one that tried was given up', () => {
    fail(3);
    now += 100;
    expect(breaker.admit()).toBe(0);
    breaker.abandoned();
    expect(breaker.admit()).toBe(0);
  });

  it('counts no failures of calls that were under way as it opened', () => {
    fail(3);
    breaker.failed();
    breaker.failed();
    expect(breaker.admit()).toBe(100);
  });
});
