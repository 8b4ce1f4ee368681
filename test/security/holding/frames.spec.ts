// One binary frame, as large as may be, whatever is in it, does not hold the event loop.
import { encodeMsgpack } from '@mcpw/protocol';
import { beforeAll, describe, it } from 'vitest';

import { frame } from '../../support/binary-wire.js';
import type { TestServer } from '../../support/start-server.js';
import { echo, executeFrame, members, ROOM, sendFrames, expectOutcome, type Attack } from '../support/attack-messages.js';
import { expectNoHold, startWatchedServer } from '../support/event-loop.js';
import { FLAGS } from '../support/secured-client.js';

let server: TestServer;
beforeAll(async () => {
  server = await startWatchedServer();
});

describe('one frame', () => {
  const wide = (count: number): Record<string, number> => Object.fromEntries(Array.from({ length: count }, (_, i) => [`m${i}`, i]));
  const cases: readonly Attack[] = [
    [
      'with a map of 8,000 members',
      'answered',
      () => sendFrames(server, {}, executeFrame(2, encodeMsgpack({ name: 'echo', arguments: wide(8_000) }))),
    ],
    [
      'with a map of 90,000 members',
      /^4015 .* more than 65536 values/,
      () => sendFrames(server, {}, executeFrame(2, encodeMsgpack({ name: 'echo', arguments: wide(90_000) }))),
    ],
    [
      'with a million values of a byte',
      /^4015 .* more than 65536 values/,
      () => sendFrames(server, {}, executeFrame(2, encodeMsgpack({ name: 'echo', arguments: { a: new Array(ROOM - 100).fill(0) } }))),
    ],
    [
      'with as many values as there may be',
      'answered',
      () => sendFrames(server, {}, executeFrame(2, encodeMsgpack({ name: 'echo', arguments: { a: new Array(65_000).fill(0) } }))),
    ],
    [
      'with lists within lists, as many and as deep as there may be',
      'answered',
      () => sendFrames(server, {}, executeFrame(2, encodeMsgpack({ name: 'echo', arguments: { a: new Array(290).fill(nested(55)) } }))),
    ],
    ['with lists within lists', /^4000 nesting is deeper than 64/, () => sendFrames(server, {}, executeFrame(2, Buffer.alloc(ROOM, 0x91)))],
    [
      'with maps that claim four billion members',
      /^4000 4294967295 members are declared/,
      () =>
        sendFrames(
          server,
          {},
          executeFrame(2, Buffer.from('df'.padEnd(10, 'f'), 'hex')),
          executeFrame(3, Buffer.from('ddffffffff00', 'hex')),
        ),
    ],
    [
      'with empty maps',
      'answered',
      () => sendFrames(server, {}, executeFrame(2, encodeMsgpack({ name: 'echo', arguments: { a: new Array(16_000).fill({}) } }))),
    ],
    [
      'with a batch of 43,000 empty frames',
      /^4000 batch of more than 100 messages/,
      () =>
        sendFrames(
          server,
          {},
          frame({ type: 6, id: 2, flags: FLAGS.BATCH, payload: Buffer.concat(new Array<Buffer>(43_000).fill(frame({ type: 4, id: 3 }))) }),
        ),
    ],
    [
      'with JSON text',
      'answered',
      () => sendFrames(server, {}, executeFrame(2, Buffer.from(echo(members(8_000, (i) => `member_${i}`))), FLAGS.JSON)),
    ],
  ];
  it.each(cases)('a frame holds up nobody: %s', (_, outcome, attack) =>
    expectNoHold(server, async () => expectOutcome(await attack(), outcome)),
  );
});

function nested(depth: number): unknown[] {
  return depth === 1 ? [] : [nested(depth - 1)];
}
