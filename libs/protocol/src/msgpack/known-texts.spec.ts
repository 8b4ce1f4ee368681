import { describe, expect, it } from 'vitest';

import { decodeMsgpack } from './decode.js';
import { oneOf } from './field.js';
import { MsgpackReader } from './reader.js';
import { defineShape } from './shape.js';
import { MsgpackWriter } from './writer.js';

interface Item {
  role: unknown;
  n?: number;
}
const fields = { role: oneOf('user', 'assistant'), n: 'value' } as const;
const compiled = defineShape<Item>(fields);
const looped = defineShape<Item>(fields, { compiled: false });

const write = (shape: typeof compiled, value: Item): Uint8Array => {
  const writer = new MsgpackWriter();
  shape.write(writer.begin(), value);
  return writer.finish();
};

describe('a member that mostly is one of some known texts', () => {
  it.each(['user', 'assistant', 'use', 'users', 'nobody', '', 'ü', 3, null, ['user'], true])('is read and written as it is: %j', (role) => {
    for (const value of [{ role }, { role, n: 1 }]) {
      const bytes = write(compiled, value);
      expect(bytes).toEqual(write(looped, value));
      expect(decodeMsgpack(bytes)).toEqual({ ok: true, value });
      for (const shape of [compiled, looped]) expect(shape.read(new MsgpackReader().reset(bytes, 0, bytes.length))).toEqual(value);
    }
  });

  it('that is cut short is refused', () => {
    const bytes = write(compiled, { role: 'assistant' });
    const reader = new MsgpackReader().reset(bytes, 0, bytes.length - 1);
    expect(compiled.read(reader)).toBeUndefined();
    expect(reader.fault).toBeDefined();
  });

  it('is of ASCII, and of at most 31 characters', () => {
    expect(() => oneOf('ü')).toThrow('1 to 31 characters of ASCII: ü');
    expect(() => oneOf('x'.repeat(32))).toThrow(RangeError);
  });
});
