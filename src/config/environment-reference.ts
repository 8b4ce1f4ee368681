// `${env:NAME}` in the texts of a free-form map: how a secret gets into it without standing in the file.
import type { Environment } from './environment.js';
import { isFreeMap, type FreeMap } from './map-reader.js';

const REFERENCE = /\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** The map with values in place of references. */
export function fillFromEnvironment(map: FreeMap, env: Environment): { readonly map: FreeMap; readonly missing: readonly string[] } {
  const missing = new Set<string>();
  const fill = (value: unknown): unknown => {
    if (typeof value === 'string') {
      return value.replace(REFERENCE, (reference, name: string) => {
        const text = env[name];
        if (text === undefined || text === '') missing.add(name);
        return text ?? reference;
      });
    }
    if (Array.isArray(value)) return value.map(fill);
    return isFreeMap(value) ? filled(value) : value;
  };
  // Keys of the file become own members, whatever they are called.
  const filled = (object: FreeMap): FreeMap => {
    const copy = Object.create(null) as Record<string, unknown>;
    for (const [key, value] of Object.entries(object)) copy[key] = fill(value);
    return copy;
  };
  return { map: filled(map), missing: [...missing] };
}
