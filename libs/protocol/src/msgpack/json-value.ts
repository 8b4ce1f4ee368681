/** From what MessagePack can carry to what JSON can: binary becomes base64 text (RFC 4648, padded). */
import { bytesOf } from './bytes-of.js';

interface NativeBase64 {
  base64Slice(this: Uint8Array, start: number, end: number): string;
}
const native = (globalThis as { Buffer?: { prototype: NativeBase64 } }).Buffer?.prototype;

/** `value` with all bytes in it (`Uint8Array`, `ArrayBuffer`, `DataView`) as base64; `value` itself where it has none. What says itself how JSON carries it (`toJSON`) is left to that. */
export function jsonValueOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return jsonArrayOf(value);
  if (Object.getPrototypeOf(value) === Object.prototype && !saysItself(value)) return jsonObjectOf(value as Record<string, unknown>);
  // A Buffer says itself something else.
  const bytes = bytesOf(value);
  if (bytes !== undefined) return base64(bytes);
  return saysItself(value) ? value : jsonObjectOf(value as Record<string, unknown>);
}

function saysItself(value: object): boolean {
  return typeof (value as { toJSON?: unknown }).toJSON === 'function';
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
    if (member !== object[key] && Object.hasOwn(object, key)) setOwn((copy ??= { ...object }), key, member);
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
