import { expect, it } from 'vitest';

import { REFUSAL_WINDOW_MS, RefusalCounter } from './refusal-counter.js';

const refusal = (address: string) => ({ action: 'authenticate', outcome: 'authentication_failed', address });

it('keeps to its capacity, whoever many there are, and loses no count', () => {
  const counter = new RefusalCounter(100);
  let written = 0;
  for (let i = 0; i < 100_000; i++) if (counter.note(refusal(`address ${i}`), 0) !== undefined) written++;
  expect(counter.size).toBe(101);
  expect(written).toBe(101);
  const counted = counter.sweep(REFUSAL_WINDOW_MS);
  expect(counted).toEqual([{ action: 'authenticate', outcome: 'authentication_failed', session: undefined, count: 100_000 - 101 }]);
  expect(counter.size).toBe(0);
});

it('keeps reasons apart', () => {
  const counter = new RefusalCounter();
  const of = (reason: string) => counter.note({ ...refusal('192.0.2.1'), reason }, 0)?.reason;
  expect([of('jwt_issuer'), of('jwt_issuer'), of('jwt_audience')]).toEqual(['jwt_issuer', undefined, 'jwt_audience']);
});
