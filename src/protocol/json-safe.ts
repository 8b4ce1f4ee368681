// Bytes in JSON: base64 text, as MCP's content blocks have it. Looks before it copies: nearly all results hold no bytes.

const LOOKED_AT = 10_000;

/** The same value, with every Uint8Array in it as base64 text. */
export function jsonSafe(value: unknown): unknown {
  const budget = { left: LOOKED_AT };
  return typeof value === 'object' && value !== null && holdsBytes(value, budget) ? convert(value) : value;
}

/** True where there are bytes, or where it is too large to tell cheaply. */
function holdsBytes(value: object, budget: { left: number }): boolean {
  if (value instanceof Uint8Array) return true;
  if (budget.left-- <= 0) return true;
  if (Array.isArray(value)) {
    for (const element of value) if (typeof element === 'object' && element !== null && holdsBytes(element as object, budget)) return true;
    return false;
  }
  for (const key in value) {
    const member = (value as Record<string, unknown>)[key];
    if (typeof member === 'object' && member !== null && holdsBytes(member, budget)) return true;
  }
  return false;
}

function convert(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  if (Array.isArray(value)) return value.map(convert);
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') return value;
  // defineProperty: a member named __proto__ stays a member.
  const copy = {};
  for (const [key, member] of Object.entries(value)) {
    Object.defineProperty(copy, key, { value: convert(member), enumerable: true, writable: true, configurable: true });
  }
  return copy;
}
