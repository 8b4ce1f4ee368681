import { describe, expect, it } from 'vitest';

import { binaryWire } from './binary-wire.js';

describe('binaryWire', () => {
  const wire = binaryWire();
  const read = (message: string | Uint8Array) => wire.read(Buffer.from(message), typeof message !== 'string');

  it('lays a frame out as the protocol page says', () => {
    const bytes = Buffer.from(wire.request(7, 'context.get', { id: 'a' }));
    expect(bytes.toString('hex')).toBe('4d4350570100000000000000000000070004000000000006' + '81a26964a161');
  });

  it('reads back what it writes, batches and meta too', () => {
    const batch = wire.batch(3, [wire.request(1, 'tool.list', {}, { timeout_ms: 5 }), wire.response(2, { a: [1] })]);
    expect(read(batch)).toMatchObject([
      { type: 0, id: 1, method: 'tool.list', params: {}, meta: { timeout_ms: 5 }, batched: true },
      { type: 1, id: 2, result: { a: [1] }, batched: true },
    ]);
    expect(read(wire.error(0, { code: 4000, message: 'm' }))).toMatchObject([{ type: 3, id: 0, error: { code: 4000, message: 'm' } }]);
  });

  it('learns the numbers of a server from its answer to initialize', () => {
    read(wire.response(1, { methods: { 'billing.charge': 0x1000 } }));
    expect(Buffer.from(wire.request(2, 'billing.charge')).readUInt16BE(16)).toBe(0x1000);
  });

  it('reads text as well', () => {
    expect(read('{"id":"x","type":1,"result":{}}')).toMatchObject([{ encoding: 'json', id: 'x' }]);
  });
});
