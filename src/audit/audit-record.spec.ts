import { expect, it, vi } from 'vitest';
import fc from 'fast-check';

import { recordLine } from './audit-record.js';

it('a line is what JSON.stringify makes of the record', () => {
  const name = fc.option(fc.string({ unit: 'binary', maxLength: 12 }), { nil: undefined });
  const entries = fc.record({
    action: fc.string({ unit: 'binary', maxLength: 8 }),
    outcome: fc.constantFrom('ok', 'completed', 'rate_limited'),
    tenant: name,
    principal: name,
    session: name,
    address: name,
    target: name,
    reason: name,
    durationMs: fc.option(fc.nat(), { nil: undefined }),
    count: fc.option(fc.nat(), { nil: undefined }),
  });
  const times = fc.integer({ min: 0, max: 4_102_444_800_000 });
  fc.assert(
    fc.property(entries, times, fc.array(fc.nat(), { minLength: 1, maxLength: 3 }), (entry, at, more) => {
      const durations = entry.durationMs === undefined ? undefined : more;
      const { action, outcome, tenant, principal, session, address, target, reason, durationMs, count } = entry;
      const duration_ms = durations === undefined ? durationMs : [durationMs, ...durations];
      const record = {
        at: new Date(at).toISOString(),
        action,
        outcome,
        tenant,
        principal,
        session,
        address,
        target,
        reason,
        duration_ms,
        count,
      };
      expect(recordLine({ entry, at, durations })).toBe(JSON.stringify(record));
    }),
  );
});

it('no more names are kept quoted than may be, whatever names come', () => {
  const KEPT_NAMES = 4096;
  const line = (principal: string): string => recordLine({ entry: { action: 'a', outcome: 'o', principal }, at: 0, durations: undefined });
  const quoting = vi.spyOn(JSON, 'stringify');
  const isQuotedAnew = (name: string): boolean => {
    quoting.mockClear();
    expect(line(name)).toContain(`"principal":"${name}"`);
    return quoting.mock.calls.some(([value]) => value === name);
  };
  // Whatever was kept before: from here on the first of these is among the kept.
  for (let name = 0; name <= KEPT_NAMES; name++) line(`before ${name}`);
  expect([isQuotedAnew('first'), isQuotedAnew('first')]).toEqual([true, false]);
  for (let name = 0; name < KEPT_NAMES; name++) line(`after ${name}`);
  expect(isQuotedAnew('first')).toBe(true);
  quoting.mockRestore();
});
