// Bytes in JSON: base64 text, as MCP's content blocks have it. Looks before it copies: nearly all results hold no bytes.
// What says itself how JSON carries it (`toJSON`) is left to that.

/** The same value, with every Uint8Array in it as base64 text. */
export function jsonSafe(value: unknown): unknown {
  return holdsBytes(value) ? convert(value) : value;
}

function holdsBytes(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (value instanceof Uint8Array) return true;
  if (Array.isArray(value)) return value.some(holdsBytes);
  if (saysItself(value)) return false;
  for (const key in value) if (holdsBytes((value as Record<string, unknown>)[key])) return true;
  return false;
}

function convert(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  if (Array.isArray(value)) return value.map(convert);
  if (saysItself(value)) return value;
  // defineProperty: a member named __proto__ stays a member.
  const copy = {};
  for (const [key, member] of Object.entries(value)) {
    Object.defineProperty(copy, key, { value: convert(member), enumerable: true, writable: true, configurable: true });
  }
  return copy;
}

function saysItself(value: object): boolean {
  return typeof (value as { toJSON?: unknown }).toJSON === 'function';
}
