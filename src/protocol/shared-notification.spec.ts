import { FrameWriter, readFrame, type Frame } from '@mcpw/protocol';
import { describe, expect, it } from 'vitest';

import { FramedBlock } from '../connection/shared-message.js';
import { headLength, OPCODE_BINARY, OPCODE_TEXT, writeHead } from '../connection/websocket-frame.js';
import { SharedNotification } from '../extension/channel.js';
import { PreparedEvent } from '../events/prepared-event.js';
import { BinaryCodec } from './binary-codec.js';
import { TextCodec } from './text-codec.js';

const ID = 'abcdefghijklmnopqrstuv';
const SEQUENCE = 2 ** 40 + 5;
const EVENT_NUMBER = 14;
const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`member${i}`, i]));
const logged = { event: 'order.paid', seq: 17, at: 1_790_000_000_000, data: '{"text":"zwölf ✓","n":[1,2]}' };

const notifications: Readonly<Record<string, SharedNotification>> = {
  'an event of the log': PreparedEvent.logged(logged).shared,
  'a passing event': PreparedEvent.passing('tool.executed', { tool: 'echo', bytes: Uint8Array.of(1) }, 0).shared,
  'one of a team’s own': new SharedNotification('event', { event: 'x', left: undefined, data: null }),
  'one without params': new SharedNotification('event', {}),
  'one of many members': new SharedNotification('event', many),
};

function placed(codec: BinaryCodec | TextCodec, notification: SharedNotification): Buffer {
  const shared = codec.shared(notification);
  const target = Buffer.alloc(shared.length + 7, 0x7e);
  shared.place(target, 5, ID, SEQUENCE);
  expect([...target.subarray(0, 5), ...target.subarray(-2)]).toEqual(Array(7).fill(0x7e));
  return target.subarray(5, 5 + shared.length);
}

describe.each([
  ['text', new TextCodec()],
  ['frames', new BinaryCodec(() => EVENT_NUMBER)],
])('several as one piece, in %s', (_, codec) => {
  it.each([1, 2, 5, 16])('%i: are what each would be by itself, with the receiver’s id and numbers that count on', (count) => {
    const few = Array.from({ length: count }, (_, i) => Object.values(notifications)[i % 5] as SharedNotification);
    const messages = few.map((notification) => codec.shared(notification));
    const each = messages.map((message, i) => {
      const frame = Buffer.alloc(headLength(message.length) + message.length);
      const start = writeHead(frame, 0, message.isText ? OPCODE_TEXT : OPCODE_BINARY, message.length);
      message.place(frame, start, ID, 2 ** 32 - 3 + i);
      return frame;
    });
    const block = new FramedBlock(messages);
    const target = Buffer.alloc(block.length + 7, 0x7e);
    for (const id of ['0123456789-_0123456789', ID]) block.place(target, 5, id, 2 ** 32 - 3);
    expect([block.count, target.subarray(5, -2)]).toEqual([count, Buffer.concat(each)]);
    expect([...target.subarray(0, 5), ...target.subarray(-2)]).toEqual(Array(7).fill(0x7e));
  });
});

describe.each(Object.entries(notifications))('%s, for one of its receivers', (_, notification) => {
  const params = { subscription_id: ID, ...notification.params };

  it('is text with the receiver’s subscription id', () => {
    const sent = JSON.parse(placed(new TextCodec(), notification).toString()) as { params: unknown };
    const bytes = (_key: string, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value);
    expect(sent).toEqual({ type: 2, method: 'event', params: JSON.parse(JSON.stringify(params, bytes)) as unknown });
  });

  it('is a frame with the receiver’s subscription id and sequence number', () => {
    const frame = readFrame(placed(new BinaryCodec(() => EVENT_NUMBER), notification), 1_000_000) as Frame;
    expect([frame.ok, frame.sequenceId, frame.method]).toEqual([true, SEQUENCE, EVENT_NUMBER]);
    const plain = readFrame(new FrameWriter().notification(0, EVENT_NUMBER, params), 1_000_000) as Frame;
    expect(frame.payload().body()).toEqual(plain.payload().body());
  });
});
