// Metadata as it came and as it is stored: JSON text of bounded depth and size, that every decoder takes. Says what is wrong
// where something is, with its path.
import type { ParamError } from '../extension/failure.js';
import { pointerPart, shortPath } from '../validation/param-errors.js';
import { mergePatch } from './merge-patch.js';
import { isWellFormed, LONE_SURROGATE, toWellFormed } from './well-formed.js';

export const MAX_METADATA_BYTES = 65_536;
const MAX_METADATA_DEPTH = 32;
export const MAX_ITEM_METADATA_BYTES = 16_384;

export const tooLarge = (path: string, bytes: number, maxBytes: number): ParamError => ({
  path,
  message: `${bytes} bytes of JSON exceed ${maxBytes}`,
});

/** What the object would be in the database, or why it cannot be. */
export function encodeMetadata(
  metadata: Readonly<Record<string, unknown>>,
  path: string,
  maxBytes: number = MAX_METADATA_BYTES,
): { readonly json: string } | { readonly error: ParamError } {
  const error = jsonError(metadata, path, MAX_METADATA_DEPTH);
  if (error) return { error: { ...error, path: shortPath(error.path) } };
  const json = JSON.stringify(metadata);
  const bytes = Buffer.byteLength(json);
  return bytes > maxBytes ? { error: tooLarge(path, bytes, maxBytes) } : { json };
}

/** @returns stored metadata with a JSON Merge Patch applied, both as JSON text */
export const patchMetadata = (metadata: string, patch: string): string =>
  JSON.stringify(mergePatch(JSON.parse(metadata), JSON.parse(patch)));

/** The first thing in a value that is not JSON (bytes, big integers, times: MessagePack has them), or is nested too deep. */
function jsonError(value: unknown, path: string, depthLeft: number): ParamError | undefined {
  switch (typeof value) {
    case 'string':
      return isWellFormed(value) ? undefined : { path, message: LONE_SURROGATE };
    case 'number':
      return Number.isFinite(value) ? undefined : { path, message: 'is not a finite number' };
    case 'boolean':
      return undefined;
    case 'object':
      return value === null ? undefined : objectError(value, path, depthLeft);
    case 'undefined':
    case 'bigint':
    case 'function':
    case 'symbol':
      return { path, message: 'is not a JSON value' };
  }
}

function objectError(value: object, path: string, depthLeft: number): ParamError | undefined {
  if (depthLeft === 0) return { path, message: `is nested more than ${MAX_METADATA_DEPTH} deep` };
  if (!Array.isArray(value) && !isPlain(value)) return { path, message: 'is not a JSON value' };
  for (const [key, member] of Object.entries(value)) {
    const memberPath = path + pointerPart(toWellFormed(key));
    const error = isWellFormed(key) ? jsonError(member, memberPath, depthLeft - 1) : { path: memberPath, message: LONE_SURROGATE };
    if (error) return error;
  }
  return undefined;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
