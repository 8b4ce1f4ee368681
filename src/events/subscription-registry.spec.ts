import { expect, it } from 'vitest';

import { FakeChannel } from '../extension/testing/fake-channel.js';
import { Subscription } from './subscription.js';
import { SubscriptionRegistry } from './subscription-registry.js';

const KEPT_NAMES = 128;

it('keeps the receivers of no more names than it may, whatever names are published', () => {
  const registry = new SubscriptionRegistry();
  registry.add(new Subscription({ id: 's', tenant: 't', channel: new FakeChannel(), patterns: ['**'], startSeq: 0 }));
  const receivers = (name: number): unknown => registry.receivers('t', `n.${name}`);
  const first = receivers(0);
  for (let name = 1; name < KEPT_NAMES; name++) receivers(name);
  expect(receivers(0), 'as many as it may').toBe(first);
  receivers(KEPT_NAMES);
  expect(receivers(0), 'and one more').not.toBe(first);
  expect(receivers(0)).toEqual(first);
});
