// Whether a value is one that JSON has words for: what a decoder made may hold bytes, big integers and times (MessagePack), infinite
// numbers (JSON's `1e400`), and text that no decoder takes. Says where the first thing is that is none.
import type { ParamError } from '../extension/failure.js';
import { pointerPart } from './param-errors.js';
import { isWellFormed, LONE_SURROGATE, toWellFormed } from './well-formed.js';

/**
 * @param path of the value, a JSON Pointer: errors lead from there
 * @param maxDepth objects and arrays in one another
 */
export function jsonValueError(value: unknown, path: string, maxDepth: number, depth = 0): ParamError | undefined {
  switch (typeof value) {
    case 'string':
      return isWellFormed(value) ? undefined : { path, message: LONE_SURROGATE };
    case 'number':
      return Number.isFinite(value) ? undefined : { path, message: NOT_FINITE };
    case 'boolean':
      return undefined;
    case 'object':
      return value === null ? undefined : objectError(value, path, maxDepth, depth);
    case 'undefined':
    case 'bigint':
    case 'function':
    case 'symbol':
      return { path, message: 'is not a JSON value' };
  }
}

/** The same for numbers alone: the rest is for whoever the value is handed to. */
export function finiteError(value: unknown, path: string): ParamError | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : { path, message: NOT_FINITE };
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return undefined;
  for (const key in value) {
    const member = (value as Record<string, unknown>)[key];
    const kind = typeof member;
    if (kind !== 'number' && kind !== 'object') continue;
    const error = finiteError(member, path);
    if (error) return { ...error, path: path + pointerPart(toWellFormed(key)) + error.path.slice(path.length) };
  }
  return undefined;
}

function objectError(value: object, path: string, maxDepth: number, depth: number): ParamError | undefined {
  if (depth === maxDepth) return { path, message: `is nested more than ${maxDepth} deep` };
  if (!Array.isArray(value) && !isPlain(value)) return { path, message: 'is not a JSON value' };
  for (const [key, member] of Object.entries(value)) {
    const memberPath = path + pointerPart(toWellFormed(key));
    const error = isWellFormed(key)
      ? jsonValueError(member, memberPath, maxDepth, depth + 1)
      : { path: memberPath, message: LONE_SURROGATE };
    if (error) return error;
  }
  return undefined;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

const NOT_FINITE = 'is not a finite number';
