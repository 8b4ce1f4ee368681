import { expect, it } from 'vitest';

import { bodyText } from '../text/write-text.js';
import { decodeMsgpack } from './decode.js';
import { encodeMsgpack } from './encode.js';
import { EncodedOnce } from './encoded-once.js';
import { jsonValueOf } from './json-value.js';
import { PackedArray, RawJson, RawMsgpack } from './raw.js';

const value = { tools: [{ name: 'a', icon: Uint8Array.of(255, 0) }], none: undefined };
const asJson = { tools: [{ name: 'a', icon: '/wA=' }] };

it('is its value in both encodings, alone and as a member', () => {
  const once = new EncodedOnce(value);
  for (const body of [once, { once }, { list: [once] }]) {
    const expected = JSON.parse(JSON.stringify(body)) as unknown;
    expect(JSON.parse(bodyText(body))).toEqual(expected);
    expect(jsonValueOf(decoded(encodeMsgpack(body)))).toEqual(expected);
  }
  expect(JSON.parse(bodyText(once))).toEqual(asJson);
});

it('is encoded once', () => {
  const once = new EncodedOnce(value);
  expect(once.bytes).toBe(once.bytes);
  expect(once.bytes.buffer.byteLength).toBe(once.bytes.length);
  let encoded = 0;
  const counted = new EncodedOnce({ toJSON: () => ++encoded });
  bodyText(counted);
  bodyText({ counted });
  expect(encoded).toBe(1);
});

it('what is kept in one encoding is read in the other', () => {
  expect(bodyText({ raw: new RawMsgpack(encodeMsgpack({ a: [1] })) })).toBe('{"raw":{"a":[1]}}');
  expect(decoded(encodeMsgpack({ raw: new RawJson('{"a":[1]}') }))).toEqual({ raw: { a: [1] } });
  const raw = new RawMsgpack(encodeMsgpack(1));
  expect(jsonValueOf(raw)).toBe(raw);
});

function decoded(bytes: Uint8Array): unknown {
  const read = decodeMsgpack(bytes);
  if (!read.ok) throw new Error(read.message);
  return read.value;
}

it('an array in pieces is one array', () => {
  const pieces = [new Uint8Array(encodeMsgpack('a')), Buffer.concat([encodeMsgpack(2), encodeMsgpack(null)])];
  const array = new PackedArray(3, pieces);
  expect(decoded(array.bytes)).toEqual(['a', 2, null]);
  expect(decoded(encodeMsgpack({ array }))).toEqual({ array: ['a', 2, null] });
  expect(bodyText({ array })).toBe('{"array":["a",2,null]}');
});
