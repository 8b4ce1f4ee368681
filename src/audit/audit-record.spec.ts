import { expect, it } from 'vitest';
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
    durationMs: fc.option(fc.nat(), { nil: undefined }),
    count: fc.option(fc.nat(), { nil: undefined }),
  });
  const times = fc.integer({ min: 0, max: 4_102_444_800_000 });
  fc.assert(
    fc.property(entries, times, fc.array(fc.nat(), { minLength: 1, maxLength: 3 }), (entry, at, more) => {
      const durations = entry.durationMs === undefined ? undefined : more;
      const { action, outcome, tenant, principal, session, address, target, durationMs, count } = entry;
      const duration_ms = durations === undefined ? durationMs : [durationMs, ...durations];
      const record = { at: new Date(at).toISOString(), action, outcome, tenant, principal, session, address, target, duration_ms, count };
      expect(recordLine({ entry, at, durations })).toBe(JSON.stringify(record));
    }),
  );
});
