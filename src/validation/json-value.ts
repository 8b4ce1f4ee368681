// Whether a value is one that JSON has words for: what a decoder made may hold bytes, big integers and times (MessagePack), infinite
// numbers (JSON's `1e400`), and text that no decoder takes. Says where the first thing is that is none. A path is made once there is
// something to tell: of a list of 250,000 numbers, making one for each took 150 ms, looking at them takes 2.
import type { ParamError } from '../extension/failure.js';
import { pointerPart } from './param-errors.js';
import { isWellFormed, LONE_SURROGATE, toWellFormed } from './well-formed.js';

/**
 * @param path of the value, a JSON Pointer: errors lead from there
 * @param maxDepth objects and arrays in one another
 */
export function jsonValueError(value: unknown, path: string, maxDepth: number): ParamError | undefined {
  return below(path, valueError(value, maxDepth, 0));
}

/** The same for numbers alone: the rest is for whoever the value is handed to. */
export function finiteError(value: unknown, path: string): ParamError | undefined {
  return below(path, numberError(value));
}

function valueError(value: unknown, maxDepth: number, depth: number): ParamError | undefined {
  switch (typeof value) {
    case 'string':
      return isWellFormed(value) ? undefined : here(LONE_SURROGATE);
    case 'number':
      return Number.isFinite(value) ? undefined : here(NOT_FINITE);
    case 'boolean':
      return undefined;
    case 'object':
      return value === null ? undefined : holderError(value, maxDepth, depth);
    case 'undefined':
    case 'bigint':
    case 'function':
    case 'symbol':
      return here(NO_VALUE);
  }
}

function holderError(value: object, maxDepth: number, depth: number): ParamError | undefined {
  if (depth === maxDepth) return here(`is nested more than ${maxDepth} deep`);
  if (Array.isArray(value)) return firstOf(value, (element) => valueError(element, maxDepth, depth + 1));
  if (!isPlain(value)) return here(NO_VALUE);
  for (const name of Object.keys(value)) {
    const error = isWellFormed(name) ? valueError((value as Record<string, unknown>)[name], maxDepth, depth + 1) : here(LONE_SURROGATE);
    if (error) return below(pointerPart(toWellFormed(name)), error);
  }
  return undefined;
}

function numberError(value: unknown): ParamError | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : here(NOT_FINITE);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return undefined;
  if (Array.isArray(value)) return firstOf(value, numberError);
  for (const name in value) {
    const error = numberError((value as Record<string, unknown>)[name]);
    if (error) return below(pointerPart(toWellFormed(name)), error);
  }
  return undefined;
}

function firstOf(list: readonly unknown[], errorOf: (element: unknown) => ParamError | undefined): ParamError | undefined {
  for (let i = 0; i < list.length; i++) {
    const error = errorOf(list[i]);
    if (error) return below(pointerPart(i), error);
  }
  return undefined;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

const here = (message: string): ParamError => ({ path: '', message });

function below(path: string, error: ParamError | undefined): ParamError | undefined {
  return error && { path: path + error.path, message: error.message };
}

const NO_VALUE = 'is not a JSON value';
const NOT_FINITE = 'is not a finite number';
