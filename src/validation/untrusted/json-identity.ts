// When two JSON values are the same: members in any order, 1 and 1.0 alike, true and 1 not.
import { isRecord } from './keyword-arguments.js';
import type { Spend } from '../pattern/linear-pattern.js';
import type { SchemaRun } from './schema-run.js';

/** Compares only as far as the two are alike. `b` is the one that may be large. */
export function isSame(a: unknown, b: unknown, run: SchemaRun): boolean {
  run.spend(1);
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => isSame(item, b[i], run));
  if (!isRecord(a) || !isRecord(b)) return false;
  const names = Object.keys(a);
  return names.length === run.namesOf(b).length && names.every((name) => Object.hasOwn(b, name) && isSame(a[name], b[name], run));
}

/** A text that two values share exactly when they are the same. */
export function identityOf(value: unknown, spend: Spend): string {
  spend(8);
  if (typeof value === 'string') {
    spend(value.length >> 3);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map((item) => identityOf(item, spend)).join(',')}]`;
  if (ArrayBuffer.isView(value)) {
    spend(value.byteLength >> 5);
    return `bytes:${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1')}`;
  }
  if (!isRecord(value)) return String(value);
  const names = Object.keys(value).sort();
  spend(names.length * 8);
  return `{${names.map((name) => `${JSON.stringify(name)}:${identityOf(value[name], spend)}`).join(',')}}`;
}
