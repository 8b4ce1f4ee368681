// As much of MessagePack as MCPW uses (its JSON data model, and bytes), written from MessagePack's own specification: of the
// conformance tests' client, which has no code of this project in it.

export function encode(value: unknown): Buffer {
  if (value === null || value === undefined) return Buffer.of(0xc0);
  if (typeof value === 'boolean') return Buffer.of(value ? 0xc3 : 0xc2);
  if (typeof value === 'number') return encodeNumber(value);
  if (typeof value === 'string') return sized(Buffer.from(value), [0xa0, 31], [0xd9, 0xda, 0xdb]);
  if (value instanceof Uint8Array) return sized(Buffer.from(value), undefined, [0xc4, 0xc5, 0xc6]);
  if (Array.isArray(value)) return Buffer.concat([head(value.length, [0x90, 15], [undefined, 0xdc, 0xdd]), ...value.map(encode)]);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Buffer.concat([head(members.length, [0x80, 15], [undefined, 0xde, 0xdf]), ...members.flat().map(encode)]);
}

function encodeNumber(value: number): Buffer {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
    const double = Buffer.alloc(9, 0xcb);
    double.writeDoubleBE(value, 1);
    return double;
  }
  if (value >= 0 && value < 0x80) return Buffer.of(value);
  if (value < 0 && value >= -0x20) return Buffer.of(value & 0xff);
  const integer = Buffer.alloc(9, value < 0 ? 0xd3 : 0xcf);
  integer.writeBigInt64BE(BigInt(value), 1);
  return integer;
}

type Tags = readonly [eight: number | undefined, sixteen: number, thirtyTwo: number];

/** A length with the tag of its size; `fix` is the tag that has lengths up to its second number in itself. */
function head(length: number, fix: readonly [number, number] | undefined, [eight, sixteen, thirtyTwo]: Tags): Buffer {
  if (fix !== undefined && length <= fix[1]) return Buffer.of(fix[0] | length);
  if (eight !== undefined && length < 0x100) return Buffer.of(eight, length);
  if (length < 0x10000) return Buffer.of(sixteen, length >> 8, length & 0xff);
  const long = Buffer.alloc(5, thirtyTwo);
  long.writeUInt32BE(length, 1);
  return long;
}

function sized(bytes: Buffer, fix: readonly [number, number] | undefined, tags: Tags): Buffer {
  return Buffer.concat([head(bytes.length, fix, tags), bytes]);
}

/** @throws Error for what is no single value of those that MCPW has */
export function decode(bytes: Buffer): unknown {
  const reader = new Reader(bytes);
  const value = reader.value();
  if (reader.at !== bytes.length) throw new Error(`${bytes.length - reader.at} bytes after the value`);
  return value;
}

class Reader {
  at = 0;

  constructor(private readonly bytes: Buffer) {}

  value(): unknown {
    const tag = this.uint(1);
    if (tag < 0x80) return tag;
    if (tag < 0x90) return this.map(tag & 0x0f);
    if (tag < 0xa0) return this.array(tag & 0x0f);
    if (tag < 0xc0) return this.take(tag & 0x1f).toString();
    if (tag >= 0xe0) return tag - 0x100;
    switch (tag) {
      case 0xc0:
        return null;
      case 0xc2:
      case 0xc3:
        return tag === 0xc3;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return Buffer.from(this.take(this.uint(1 << (tag - 0xc4))));
      case 0xca:
        return this.take(4).readFloatBE();
      case 0xcb:
        return this.take(8).readDoubleBE();
      case 0xcc:
      case 0xcd:
      case 0xce:
      case 0xcf:
        return this.uint(1 << (tag - 0xcc));
      case 0xd0:
      case 0xd1:
      case 0xd2:
        return this.take(1 << (tag - 0xd0)).readIntBE(0, 1 << (tag - 0xd0));
      case 0xd3:
        return Number(this.take(8).readBigInt64BE());
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.take(this.uint(1 << (tag - 0xd9))).toString();
      case 0xdc:
      case 0xdd:
        return this.array(this.uint(2 << (tag - 0xdc)));
      case 0xde:
      case 0xdf:
        return this.map(this.uint(2 << (tag - 0xde)));
      default:
        throw new Error(`0x${tag.toString(16)} is no tag that MCPW uses`);
    }
  }

  private take(length: number): Buffer {
    if (this.at + length > this.bytes.length) throw new Error('the value is cut short');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  private uint(size: number): number {
    const bytes = this.take(size);
    return size === 8 ? Number(bytes.readBigUInt64BE()) : bytes.readUIntBE(0, size);
  }

  private array(count: number): unknown[] {
    return Array.from({ length: count }, () => this.value());
  }

  private map(count: number): Record<string, unknown> {
    return Object.fromEntries(Array.from({ length: count }, () => [this.key(), this.value()]));
  }

  private key(): string {
    const key = this.value();
    if (typeof key !== 'string') throw new Error('a map has a key that is not a string');
    return key;
  }
}
