import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMsgpack, msgpackProblem } from './decode.js';
import { encodeMsgpack } from './encode.js';
import { jsonValueOf } from './json-value.js';
import { listOf } from './list-of.js';
import { RawJson, RawMsgpack } from './raw.js';
import { MsgpackReader } from './reader.js';
import { defineShape, type Shape } from './shape.js';
import { MsgpackWriter } from './writer.js';

const value = (): fc.Arbitrary<unknown> =>
  fc.anything({
    key: fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('__proto__', 'constructor', 'name', 'arguments', 'x'.repeat(40))),
    values: [
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: 'binary-ascii', maxLength: 400 }),
      fc.boolean(),
      fc.constant(null),
      fc.maxSafeInteger(),
      fc.integer({ min: -40, max: 300 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (Object.is(n, -0) ? 0 : n)),
      fc.uint8Array({ maxLength: 300 }),
    ],
    withNullPrototype: false,
    maxDepth: 4,
  });

const roundTrip = (given: unknown) => decodeMsgpack(encodeMsgpack(given));
const expectValue = (given: unknown, expected: unknown = given) => expect(roundTrip(given)).toEqual({ ok: true, value: expected });
const nested = (depth: number) => Array.from({ length: depth }).reduce<unknown>((inner) => [inner], null);

describe('MessagePack', () => {
  it('decodes to itself what it encodes', () => {
    fc.assert(fc.property(value(), (given) => void expect(plain(roundTrip(given))).toEqual({ ok: true, value: given })));
  });

  it('passes over exactly what it reads', () => {
    fc.assert(fc.property(value(), (given) => void expect(msgpackProblem(encodeMsgpack(given))).toBeUndefined()));
  });

  it('reads, or refuses in the same words as it skips, whatever the bytes are', () => {
    const damaged = fc.tuple(value().map(encodeMsgpack), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), fc.nat(4));
    fc.assert(
      fc.property(damaged, ([original, edits, cut]) => {
        const bytes = original.slice(0, Math.max(0, original.length - cut));
        for (const [at, byte] of edits) if (bytes.length > 0) bytes[at % bytes.length] = byte;
        const decoded = decodeMsgpack(bytes);
        expect(decoded.ok ? undefined : 'refused').toBe(msgpackProblem(bytes) === undefined ? undefined : 'refused');
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => decodeMsgpack(bytes).ok === (msgpackProblem(bytes) === undefined)),
      {
        numRuns: 5000,
      },
    );
  });

  it.each([0, 1, 11, 12, 13, 14, 15, 31, 32, 63, 64, 96, 97, 255, 256, 1024, 1025, 65_535, 65_536, 200_000])('strings of %i', (length) => {
    expectValue('a'.repeat(length));
    expectValue('é'.repeat(length));
    expectValue('😀'.repeat(length));
    expectValue(`${'a'.repeat(length)}✓`);
  });

  it.each([15, 16, 65_535, 65_536])('arrays and maps of %i', (count) => {
    expectValue(new Array(count).fill(1));
    expectValue(Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i])));
  });

  it('keeps a byte order mark and U+FFFD', () => {
    for (const text of ['\ufeffx', '\ufffd', `${'a'.repeat(30)}\ufffd`]) expectValue(text);
  });

  it('writes lone surrogates as U+FFFD', () => {
    expectValue('a\ud800b', 'a\ufffdb');
    expectValue(`${'a'.repeat(50)}\udc00`, `${'a'.repeat(50)}\ufffd`);
  });

  it('writes what JSON.stringify would', () => {
    class Point {
      toJSON() {
        return { x: 1 };
      }
    }
    const given = { a: undefined, b: () => 1, c: Symbol('s'), d: new Date(0), e: new Point(), f: [undefined, NaN], g: Infinity, h: -0 };
    expectValue(given, JSON.parse(JSON.stringify(given)));
    expectValue(undefined, null);
    expectValue(
      Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`k${i}`, i % 2 === 0 ? i : undefined])),
      Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`k${2 * i}`, 2 * i])),
    );
  });

  it('a toJSON may encode something itself', () => {
    const outer = { a: 'before', inner: { toJSON: undefined as unknown } };
    class Inner {
      toJSON() {
        return encodeMsgpack({ deep: [1, 2, 3] }).length;
      }
    }
    expectValue({ ...outer, inner: new Inner(), b: 'after' }, { a: 'before', inner: 10, b: 'after' });
  });

  it.each([0, 20])('a toJSON of the object’s own is heeded as in JSON, among %i other members', (count) => {
    const members = Object.fromEntries(Array.from({ length: count }, (_, i) => [`m${i}`, i]));
    const own = { first: 1, ...members, toJSON: () => ({ said: [1, { toJSON: () => 'itself' }] }) };
    expectValue({ own, b: 'after' }, JSON.parse(JSON.stringify({ own, b: 'after' })));
    expectValue({ toJSON: 'a text' });
  });

  it('bytes are binary, whatever holds them', () => {
    const { buffer } = Uint8Array.of(9, 1, 2, 9);
    const held = { buffer: Uint8Array.of(1, 2).buffer, view: new DataView(buffer, 1, 2), bytes: Uint8Array.of(1, 2) };
    const bytes = Uint8Array.of(1, 2);
    expect(plain(roundTrip(held))).toEqual({ ok: true, value: { buffer: bytes, view: bytes, bytes } });
    expect(jsonValueOf(held)).toEqual({ buffer: 'AQI=', view: 'AQI=', bytes: 'AQI=' });
  });

  it('refuses to write what cannot be read', () => {
    expect(() => encodeMsgpack(2n ** 53n)).toThrow(TypeError);
    expect(() => encodeMsgpack(nested(65))).toThrow(RangeError);
    expectValue(5n, 5);
    expectValue(nested(64));
    const circle: unknown[] = [];
    circle.push(circle);
    expect(() => encodeMsgpack(circle)).toThrow(RangeError);
    expectValue('usable again');
  });

  it('keys are names like any other', () => {
    const hostile = JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":1}}') as object;
    const decoded = roundTrip(hostile) as { value: object };
    expect(Object.getPrototypeOf(decoded.value)).toBe(Object.prototype);
    expect(Object.keys(decoded.value)).toEqual(['__proto__', 'constructor']);
    expect(({} as { polluted?: true }).polluted).toBeUndefined();
  });

  it('takes memory only for what is there', () => {
    for (const hex of ['ddffffffff', 'dfffffffff', 'dbffffffff', 'c6ffffffff', 'dc7fff01', '81a161dd00ffffff']) {
      expect(decodeMsgpack(Buffer.from(hex, 'hex')).ok).toBe(false);
    }
  });

  it('binary is a view', () => {
    const bytes = encodeMsgpack({ data: Uint8Array.of(1, 2, 3) });
    const decoded = roundTripOf(bytes) as { data: Uint8Array };
    expect(decoded.data.buffer).toBe(bytes.buffer);
    expect(jsonValueOf({ list: [decoded.data, 1], same: true })).toEqual({ list: ['AQID', 1], same: true });
  });

  const roundTripOf = (bytes: Uint8Array) => {
    const decoded = decodeMsgpack(bytes);
    return decoded.ok ? decoded.value : undefined;
  };
});

/** Buffers to what they were made from, for comparing. */
function plain(given: unknown): unknown {
  if (given instanceof Uint8Array) return new Uint8Array(given);
  if (Array.isArray(given)) return given.map(plain);
  if (typeof given !== 'object' || given === null) return given;
  const copy = {};
  for (const [key, member] of Object.entries(given)) {
    Object.defineProperty(copy, key, { value: plain(member), enumerable: true, writable: true, configurable: true });
  }
  return copy;
}

describe('values kept encoded', () => {
  const item = { role: 'user', content: 'hello ✓' };

  it('are spliced in as they are', () => {
    expectValue({ items: [new RawMsgpack(encodeMsgpack(item))] }, { items: [item] });
    expectValue({ items: new RawJson(JSON.stringify([item])) }, { items: [item] });
  });

  it('are values in JSON too', () => {
    const raw = new RawMsgpack(encodeMsgpack({ ...item, data: Uint8Array.of(255) }));
    expect(JSON.parse(JSON.stringify({ raw, json: new RawJson('[1]') }))).toEqual({ raw: { ...item, data: '/w==' }, json: [1] });
    expect(() => new RawMsgpack(Uint8Array.of(0xc1)).value()).toThrow(TypeError);
  });
});

describe.each([
  ['compiled', true],
  ['looped', false],
])('a %s shape', (_name, compiled) => {
  interface Message {
    name?: unknown;
    arguments?: unknown;
    items?: unknown;
    count?: unknown;
    noise?: unknown;
  }
  const inner = defineShape<{ role: unknown; content: unknown }>({ role: 'value', content: 'value' }, { compiled });
  const whole = defineShape<Message>(
    { name: 'value', arguments: 'raw', items: listOf(inner), count: 'value', noise: 'lazy' },
    { compiled },
  );
  const peek = defineShape<Message>(
    { name: 'value', arguments: 'skip', items: 'skip', count: 'skip', noise: 'skip' },
    { others: 'skip', compiled },
  );
  const message = fc.record(
    {
      name: value(),
      arguments: value(),
      items: fc.oneof(fc.array(fc.record({ role: fc.string(), content: fc.string() }, { requiredKeys: [] })), value()),
      count: value(),
      noise: value(),
      other: value(),
      name2: fc.string(),
    },
    { requiredKeys: [] },
  );
  const shuffled = message.chain((object) =>
    fc
      .shuffledSubarray(Object.keys(object), { minLength: Object.keys(object).length })
      .map((keys) => Object.fromEntries(keys.map((key) => [key, (object as Record<string, unknown>)[key]]))),
  );

  function readWith(shape: Shape<Message>, bytes: Uint8Array): { value: unknown; fault: string | undefined } {
    const reader = new MsgpackReader().reset(bytes, 0, bytes.length);
    const read = shape.read(reader);
    reader.finish();
    return { value: read, fault: reader.fault };
  }
  const settled = (given: unknown): unknown => {
    if (given instanceof RawMsgpack) return plain(given.value());
    if (typeof given !== 'object' || given === null || given instanceof Uint8Array || Array.isArray(given)) return plain(given);
    return Object.fromEntries(Object.entries(given).map(([key, member]) => [key, settled(member)]));
  };

  it('reads what the bytes say, in any order', () => {
    fc.assert(fc.property(shuffled, (given) => void expect(settled(readWith(whole, encodeMsgpack(given)).value)).toEqual(given)));
  });

  it('reads only what it names', () => {
    fc.assert(
      fc.property(shuffled, (given) => {
        const expected = 'name' in given ? { name: given['name'] } : {};
        const { value: read } = readWith(peek, encodeMsgpack(given));
        expect(plain(defined(read as object))).toEqual(expected);
      }),
    );
  });

  const defined = (object: object) => Object.fromEntries(Object.entries(object).filter(([, member]) => member !== undefined));

  it('writes what it reads', () => {
    fc.assert(
      fc.property(message, ({ other: _other, name2: _name2, ...given }) => {
        const writer = new MsgpackWriter(64);
        whole.write(writer.begin(), given);
        expect(settled(readWith(whole, writer.finish()).value)).toEqual(given);
      }),
    );
  });

  it('refuses what reading whole refuses', () => {
    fc.assert(
      fc.property(
        shuffled.map((given) => encodeMsgpack(given)),
        fc.nat(),
        fc.nat(255),
        (original, at, byte) => {
          const bytes = original.slice();
          bytes[at % bytes.length] = byte;
          const { fault, value: read } = readWith(whole, bytes);
          if (decodeMsgpack(bytes).ok) expect(fault).toBeUndefined();
          else if (fault === undefined) expect(() => settled(read)).toThrow(TypeError); // A lazy member, found out when decoded.
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('the last of repeated keys counts', () => {
    const twice = Buffer.concat([Uint8Array.of(0x83), ...['name', 'a', 'count', 1, 'name', 'b'].map(encodeMsgpack)]);
    expect(readWith(whole, twice).value).toEqual(roundTripValue(twice));
    expect(readWith(peek, twice).value).toMatchObject({ name: 'b' });
  });
  const roundTripValue = (bytes: Uint8Array) => (decodeMsgpack(bytes) as { value: unknown }).value;

  it('leaves alone what is no map', () => {
    for (const other of [null, 1, 'x', [1]]) expect(readWith(whole, encodeMsgpack(other)).value).toEqual(other);
    expect(readWith(whole, encodeMsgpack({ items: 'not a list' })).value).toEqual({ items: 'not a list' });
  });

  it('counts its own nesting', () => {
    const deepest = encodeMsgpack({ name: nested(63) });
    expect(readWith(whole, deepest).fault).toBeUndefined();
    const tooDeep = Buffer.concat([Uint8Array.of(0x81), encodeMsgpack('name'), Buffer.alloc(64, 0x91), Uint8Array.of(0xc0)]);
    expect(readWith(whole, tooDeep).fault).toBe('nesting is deeper than 64');
  });
});

it('what is in objects of many members is written once, however deep they are in one another', () => {
  let reads = 0;
  let value: Record<string, unknown> = Object.defineProperty({}, 'leaf', { enumerable: true, get: () => ++reads });
  for (let depth = 0; depth < 12; depth++)
    value = { inner: value, ...Object.fromEntries(Array.from({ length: 15 }, (_, i) => [`m${i}`, i])) };
  const { length } = encodeMsgpack(value);
  expect(reads).toBe(1);
  expect(length).toBeLessThan(12 * 120);
});

it('a shape has at most 15 members', () => {
  const fields = Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`m${i}`, 'value' as const]));
  expect(() => defineShape(fields)).toThrow(RangeError);
});

describe('slabs', () => {
  it('finished messages stay as they are while others are written', () => {
    const writer = new MsgpackWriter(32);
    const values = Array.from({ length: 50 }, (_, i) => ({ i, text: 'x'.repeat(i) }));
    const written = values.map((given) => {
      writer.begin().writeValue(given);
      return writer.finish();
    });
    expect(written.map((bytes) => (decodeMsgpack(bytes) as { value: unknown }).value)).toEqual(values);
  });

  it('what was begun and not finished is dropped', () => {
    const writer = new MsgpackWriter(64);
    writer.begin().writeValue('dropped');
    writer.begin().writeValue('kept');
    expect(decodeMsgpack(writer.finish())).toEqual({ ok: true, value: 'kept' });
  });
});
