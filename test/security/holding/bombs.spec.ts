// What inflates to a gigabyte is not inflated, and what inflates to all that is allowed is not inflated all at once.
import { gzipSync, zstdCompressSync } from 'node:zlib';

import { encodeMsgpack } from '@mcpw/protocol';
import { beforeAll, describe, expect, it } from 'vitest';

import { frame } from '../../support/binary-wire.js';
import type { TestServer } from '../../support/start-server.js';
import { executeFrame, MB, ROOM, sendFrames } from '../support/attack-messages.js';
import { expectNoHold, startWatchedServer } from '../support/event-loop.js';
import { FLAGS } from '../support/secured-client.js';

let server: TestServer;
beforeAll(async () => {
  server = await startWatchedServer();
});

describe.each([
  ['gzip', (data: Buffer) => gzipSync(data, { level: 9 })],
  ['zstd', (data: Buffer) => zstdCompressSync(data)],
] as const)('a bomb of %s', (algorithm, compress) => {
  let gigabyte: Buffer;
  let allowed: Buffer;
  beforeAll(() => {
    // A gigabyte of one byte, as members that each are a stream of its own where that is allowed.
    gigabyte = Buffer.concat(new Array<Buffer>(8).fill(compress(Buffer.alloc(128 * MB))));
    allowed = compress(Buffer.from(encodeMsgpack({ name: 'echo', arguments: { a: 'x'.repeat(ROOM - 100) } })));
  });

  it('is not inflated', async () => {
    await expectNoHold(server, () =>
      sendFrames(server, { compression: [algorithm] }, executeFrame(2, gigabyte.subarray(0, ROOM), FLAGS.COMPRESSED)),
    );
  });

  it('is refused with 4015', async () => {
    const client = await server.client({ encoding: 'binary' }, { compression: [algorithm] });
    const answer = client.answerTo(2);
    client.send(executeFrame(2, gigabyte.subarray(0, ROOM), FLAGS.COMPRESSED));
    expect((await answer).error?.code).toBe(4015);
  });

  it('in a hundred that each inflate to all that is allowed do not come at once', async () => {
    const members = Array.from({ length: 100 }, (_, i) => executeFrame(i + 2, allowed, FLAGS.COMPRESSED));
    await expectNoHold(server, async () => {
      const client = await server.client({ encoding: 'binary' }, { compression: [algorithm] });
      const last = client.answerTo(101);
      client.send(frame({ type: 6, id: 200, flags: FLAGS.BATCH, payload: Buffer.concat(members) }));
      await last;
      client.terminate();
    });
  });
});
