import { expect, it } from 'vitest';

import type { Upstream } from './upstream.js';
import { UpstreamHealth } from './upstream-health.js';
import type { Upstreams } from './upstreams.js';

interface Given {
  source: string;
  state?: string;
  origin?: 'file' | 'rest';
  tenants?: string[] | null;
  required?: boolean;
}

const upstream = ({ source, state = 'connected', origin = 'file', tenants = null, required = false }: Given): Upstream =>
  ({ source, state, tools: new Map([['a', {}]]), definition: { origin, tenants, server: { required } } }) as unknown as Upstream;

const read = (...given: Given[]) => new UpstreamHealth({ all: () => given.map(upstream) } as unknown as Upstreams).read();

it('tells of each upstream of the file that all tenants see, and of no other', () => {
  expect(read({ source: 'a' }, { source: 'b', state: 'waiting' }, { source: 'c', origin: 'rest', tenants: ['x'] })).toEqual([
    { name: 'upstream:a', isReady: true, details: { state: 'connected', tools: 1 } },
    { name: 'upstream:b', isReady: true, details: { state: 'waiting', tools: 1 } },
  ]);
});

it('tells of those that are for some tenants in one sum, without names', () => {
  expect(read({ source: 'a', tenants: ['x'] }, { source: 'b', state: 'waiting', tenants: ['x', 'y'] })).toEqual([
    { name: 'upstreams:of-tenants', isReady: true, details: { connected: 1, total: 2 } },
  ]);
});

it.each([null, ['x']])('is not ready while one is missing that is required, be it for the tenants %j', (tenants) => {
  const isReady = (state: string): unknown =>
    read({ source: 'a', tenants }, { source: 'b', tenants, required: true, state }).at(-1)?.isReady;
  expect([isReady('waiting'), isReady('connected')]).toEqual([false, true]);
});
