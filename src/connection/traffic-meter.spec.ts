import { ErrorCode } from '@mcpw/protocol';
import { beforeEach, describe, expect, it } from 'vitest';

import { LATENCY_BOUNDS_US, TrafficMeter } from './traffic-meter.js';

describe('TrafficMeter', () => {
  let meter: TrafficMeter;
  beforeEach(() => {
    meter = new TrafficMeter();
    meter.registerMethods(['tool.list', 'tool.execute']);
  });

  it('counts connections by how they ended', () => {
    for (let i = 0; i < 4; i++) meter.connectionOpened();
    meter.connectionClosed(1000);
    meter.connectionClosed(4401);
    meter.connectionClosed(4999);
    const { connections } = meter.snapshot();
    expect(connections.opened).toBe(4);
    expect(connections.active).toBe(1);
    expect(meter.activeConnections).toBe(1);
    expect(connections.closed).toMatchObject({ '1000': 1, '4401': 1, other: 1, '1006': 0 });
  });

  it('counts messages and bytes both ways', () => {
    meter.received(10);
    meter.received(5);
    meter.sent(3, 100);
    expect(meter.snapshot().messages).toEqual({ received: 2, receivedBytes: 15, sent: 3, sentBytes: 100, handled: 0 });
  });

  it('has a counter for every error code of the protocol', () => {
    expect(Object.keys(meter.snapshot().errors)).toEqual(Object.keys(ErrorCode).map((name) => name.toLowerCase()));
    meter.failed('rate_limited');
    meter.failed('server_error');
    meter.failed('server_error');
    expect(meter.snapshot().errors).toMatchObject({ rate_limited: 1, server_error: 2, not_found: 0 });
  });

  it('counts refusals by whose bucket was empty', () => {
    meter.refusedByRate('tenant');
    expect(meter.snapshot().rateRefusals).toEqual({ connection: 0, ip: 0, user: 0, tenant: 1, tool: 0, handshake: 0 });
  });

  it('sorts durations into buckets whose upper bound they do not exceed', () => {
    meter.handled(1, 50);
    meter.handled(1, 51);
    meter.handled(1, 1e12);
    const [execute, ...none] = meter.snapshot().latency;
    expect(none).toEqual([]);
    expect(execute).toMatchObject({ method: 'tool.execute', count: 3, sumUs: 101 + 1e12 });
    expect(execute?.buckets).toHaveLength(LATENCY_BOUNDS_US.length + 1);
    expect(execute?.buckets.slice(0, 2)).toEqual([1, 1]);
    expect(execute?.buckets.at(-1)).toBe(1);
  });

  it('gives a method that is not registered no name of its own', () => {
    meter.handled(-1, 10);
    meter.handled(2, 10);
    expect(meter.snapshot().latency.map(({ method, count }) => [method, count])).toEqual([['unknown', 2]]);
  });
});
