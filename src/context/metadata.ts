// Metadata as it came and as it is stored: JSON text of bounded depth and size, that every decoder takes. Says what is wrong
// where something is, with its path.
import type { ParamError } from '../extension/failure.js';
import { jsonValueError } from '../validation/json-value.js';
import { shortPath } from '../validation/param-errors.js';
import { mergePatch } from './merge-patch.js';

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
  const error = jsonValueError(metadata, path, MAX_METADATA_DEPTH);
  if (error) return { error: { ...error, path: shortPath(error.path) } };
  const json = JSON.stringify(metadata);
  const bytes = Buffer.byteLength(json);
  return bytes > maxBytes ? { error: tooLarge(path, bytes, maxBytes) } : { json };
}

/** @returns stored metadata with a JSON Merge Patch applied, both as JSON text */
export const patchMetadata = (metadata: string, patch: string): string =>
  JSON.stringify(mergePatch(JSON.parse(metadata), JSON.parse(patch)));
