import { describe, expect, it } from 'vitest';

import { ToolAccess, ToolAccessCache } from './tool-access.js';
import { fakeTool } from './testing/fake-tools.js';

const echo = fakeTool({ name: 'echo' });
const charge = fakeTool({ name: 'billing.charge', scopes: ['billing:write'] });

describe('the scope that is missing', () => {
  it.each([
    [['tools:execute'], null, 'billing:write'],
    [['tools:execute', 'billing:write'], null, null],
    [['admin'], null, null],
    [['tools:read'], 'tools:execute', 'tools:execute'],
    [['tools:execute:echo'], null, 'tools:execute:billing.charge'],
    [['tools:execute:billing.*'], 'tools:execute:echo', 'billing:write'],
    [['tools:execute:billing.*', 'billing:write'], 'tools:execute:echo', null],
    [['tools:executed'], 'tools:execute', 'tools:execute'],
  ])('of %j is %s for echo and %s for billing.charge', (scopes, forEcho, forCharge) => {
    const access = new ToolAccess(scopes);
    expect([access.missingScope(echo), access.missingScope(charge)]).toEqual([forEcho, forCharge]);
    expect([access.missingScope(echo), access.missingScope(charge)]).toEqual([forEcho, forCharge]);
  });
});

it('principals with the same scopes, in whatever order, share one access', () => {
  const cache = new ToolAccessCache();
  const of = (...scopes: string[]) => cache.of({ id: scopes.join(), tenant: 't', scopes });
  expect(of('tools:read', 'tools:execute')).toBe(of('tools:execute', 'tools:read', 'tools:read'));
  expect(of('tools:read')).not.toBe(of('tools:execute'));
});

it('no more sets of scopes are kept than may be, whoever comes', () => {
  const KEPT_SETS = 1024;
  const cache = new ToolAccessCache();
  // Another principal each time: what is kept for one of its own goes with it.
  const of = (set: number) => cache.of({ id: 'p', tenant: 't', scopes: [`tools:execute:${set}`] });
  const first = of(0);
  for (let set = 1; set < KEPT_SETS; set++) of(set);
  expect(of(0), 'as many as it may').toBe(first);
  of(KEPT_SETS);
  expect(of(0), 'and one more').not.toBe(first);
  expect(of(0).key).toBe(first.key);
});
