/** From what MessagePack can carry to what JSON can: binary becomes base64 text (RFC 4648, padded). */
interface NativeBase64 {
  base64Slice(this: Uint8Array, start: number, end: number): string;
}
const native = (globalThis as { Buffer?: { prototype: NativeBase64 } }).Buffer?.prototype;

/** `value` with every `Uint8Array` in it as base64; `value` itself where it has none. What says itself how JSON carries it (`toJSON`) is left to that. */
export function jsonValueOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return base64(value);
  if (Array.isArray(value)) return jsonArrayOf(value);
  return typeof (value as { toJSON?: unknown }).toJSON === 'function' ? value : jsonObjectOf(value as Record<string, unknown>);
}

function jsonArrayOf(array: unknown[]): unknown[] {
  let copy: unknown[] | undefined;
  for (let i = 0; i < array.length; i++) {
    const element = jsonValueOf(array[i]);
    if (element !== array[i]) (copy ??= array.slice())[i] = element;
  }
  return copy ?? array;
}

function jsonObjectOf(object: Record<string, unknown>): Record<string, unknown> {
  let copy: Record<string, unknown> | undefined;
  for (const key in object) {
    const member = jsonValueOf(object[key]);
    if (member !== object[key]) setOwn((copy ??= { ...object }), key, member);
  }
  return copy ?? object;
}

/** `object[key] = value`, where the key `__proto__` is a name like any other. */
export function setOwn(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    object[key] = value;
  }
}

function base64(bytes: Uint8Array): string {
  if (native !== undefined) return native.base64Slice.call(bytes, 0, bytes.length);
  let binary = '';
  for (let i = 0; i < bytes.length; i += 0x2000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x2000));
  return btoa(binary);
}
