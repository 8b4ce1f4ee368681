import { readFrame } from '@mcpw/protocol';
import { FrameWriter } from '@mcpw/protocol';
import { expect, it } from 'vitest';

import { TurnBatcher } from './turn-batcher.js';

const writer = new FrameWriter();
const frame = (id: number): Uint8Array => writer.response(id, 3, { n: id });
const text = (id: number): string => `{"id":"${id}","type":1,"result":{}}`;

it('joins text with text and frames with frames, in order', () => {
  const joined = new TurnBatcher(100, 10_000).join([text(1), text(2), frame(3), frame(4), frame(5), text(6)]);
  expect(joined).toHaveLength(3);
  const first = JSON.parse(joined[0] as string) as { type: number; params: { messages: { id: string }[] } };
  expect(first.type).toBe(6);
  expect(first.params.messages.map(({ id }) => id)).toEqual(['1', '2']);
  const second = readFrame(joined[1] as Uint8Array, 10_000);
  expect(second.ok && second.members?.map((member) => member.sequenceId)).toEqual([3, 4, 5]);
  expect(joined[2]).toBe(text(6));
});

it('leaves single messages, signed text and large messages as they are', () => {
  const signed = `${'s'.repeat(43)}.{}`;
  const large = `{"id":"${'x'.repeat(500)}"}`;
  const batcher = new TurnBatcher(100, 400);
  expect(batcher.join([text(1)])).toEqual([text(1)]);
  expect(batcher.join([signed, signed, large, text(2)])).toEqual([signed, signed, large, text(2)]);
});

it('keeps to both limits', () => {
  const many = Array.from({ length: 250 }, (_, i) => text(i));
  const sizes = new TurnBatcher(100, 1e6)
    .join(many)
    .map((batch) => (JSON.parse(batch as string) as { params: { messages: object[] } }).params.messages.length);
  expect(sizes).toEqual([100, 100, 50]);
  const small = new TurnBatcher(100, 100).join(many.slice(0, 6));
  expect(small.every((batch) => (JSON.parse(batch as string) as { params: { messages: object[] } }).params.messages.length <= 3)).toBe(
    true,
  );
});
