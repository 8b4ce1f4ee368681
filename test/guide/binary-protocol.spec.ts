// The guide's "Binary Protocol": the 24-byte header, field by field, as bytes.
import { gunzipSync } from 'node:zlib';

import { encodeMsgpack } from '@mcpw/protocol';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { frame } from '../support/binary-wire.js';
import { within } from '../support/deadline.js';
import { startServer, type TestServer } from '../support/start-server.js';
import type { TestClient } from '../support/test-client.js';

const HEADER_BYTES = 24;
const TOOL_LIST = 2;
const CONTEXT_CREATE = 10;
const CONTEXT_GET = 4;

describe('the binary protocol', () => {
  let server: TestServer;
  let client: TestClient;
  beforeAll(async () => {
    server = await startServer();
  });

  /** The next message's bytes. */
  function nextBytes(): Promise<Buffer> {
    return within('message', new Promise<Buffer>((resolve) => client.socket.once('message', (data: Buffer) => resolve(data))));
  }

  async function exchange(bytes: Uint8Array): Promise<Buffer> {
    const answer = nextBytes();
    client.send(bytes);
    return answer;
  }

  beforeEach(async () => {
    client = await server.client({ encoding: 'binary' }, { compression: ['gzip'] });
  });

  it('an answer has the 24-byte header: magic, version, type, flags, sequence id, method, reserved, data size', async () => {
    const answer = await exchange(frame({ type: 0, id: 77, method: TOOL_LIST, payload: encodeMsgpack({ limit: 1 }) }));
    expect(answer.toString('latin1', 0, 4)).toBe('MCPW');
    expect(answer.readUInt32BE(0)).toBe(0x4d435057);
    expect([answer.readUInt8(4), answer.readUInt8(5), answer.readUInt16BE(6)]).toEqual([1, 1, 0]);
    expect([answer.readBigUInt64BE(8), answer.readUInt16BE(16), answer.readUInt16BE(18)]).toEqual([77n, TOOL_LIST, 0]);
    expect(answer.readUInt32BE(20)).toBe(answer.length - HEADER_BYTES);
  });

  it('the method is a number, not a string', async () => {
    const answer = await exchange(frame({ type: 0, id: 5, method: TOOL_LIST }));
    expect(answer.includes('tool.list')).toBe(false);
    const unknown = await exchange(frame({ type: 0, id: 6, method: 999 }));
    expect([unknown.readUInt8(5), unknown.includes(Buffer.from(encodeMsgpack(4004)))]).toEqual([3, true]);
  });

  it('payloads of 1024 bytes and more are compressed where agreed, and bit 0 says so', async () => {
    const content = 'a line that comes again and again. '.repeat(200);
    const created = await exchange(
      frame({ type: 0, id: 2, method: CONTEXT_CREATE, payload: encodeMsgpack({ id: 'long', name: 'long', content }) }),
    );
    expect(created.readUInt8(5)).toBe(1);
    const answer = await exchange(frame({ type: 0, id: 3, method: CONTEXT_GET, payload: encodeMsgpack({ context_id: 'long' }) }));
    expect(answer.readUInt16BE(6) & 0x0001).toBe(1);
    expect(answer.length).toBeLessThan(1_000);
    expect(gunzipSync(answer.subarray(HEADER_BYTES)).toString('latin1')).toContain(content);
    const small = await exchange(frame({ type: 0, id: 4, method: 12, payload: encodeMsgpack({ context_id: 'long' }) }));
    expect(small.readUInt16BE(6) & 0x0001).toBe(0);
  });

  it.each([
    ['a wrong magic', 0, 0x4e],
    ['another version', 4, 2],
    ['an unknown type', 5, 7],
    ['an unknown flag', 6, 0x80],
    ['the reserved field set', 18, 1],
    ['a data size that does not fit', 23, 9],
    ['the batch flag on a request', 7, 0x04],
    ['an encrypted payload where no keys were agreed', 7, 0x02],
    ['a signed payload where no keys were agreed', 7, 0x08],
  ])('a frame with %s is refused, and the connection stays', async (_, offset, byte) => {
    const broken = frame({ type: 0, id: 2, method: TOOL_LIST, payload: encodeMsgpack({ limit: 1, query: 'x'.repeat(60) }) });
    broken[offset] = byte;
    const refusal = await exchange(broken);
    expect(refusal.readUInt8(5)).toBe(3);
    const codes = [4000, 4011].filter((code) => refusal.includes(Buffer.from(encodeMsgpack(code))));
    expect(codes).toHaveLength(1);
    expect((await client.request('tool.list', { limit: 1 })).error).toBeUndefined();
  });

  it('an answer is smaller than in JSON', async () => {
    const binary = await exchange(frame({ type: 0, id: 8, method: TOOL_LIST, payload: encodeMsgpack({ limit: 1 }) }));
    const asText = nextBytes();
    client.send(JSON.stringify({ id: '8', type: 0, method: 'tool.list', params: { limit: 1 } }));
    expect(binary.length).toBeLessThan((await asText).length);
  });
});
