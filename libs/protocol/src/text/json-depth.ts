/** Nesting of parsed JSON, for the limit of PROTOCOL.md §2. `JSON.parse` itself does not recurse, whoever walks its value does. */

/** Whether `value` holds more than `limit` arrays and objects inside one another. Never recurses past `limit`. */
export function isDeeperThan(value: unknown, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (limit === 0) return true;
  if (Array.isArray(value)) {
    for (const element of value) {
      if (typeof element === 'object' && isDeeperThan(element, limit - 1)) return true;
    }
    return false;
  }
  for (const key in value) {
    const member = (value as Record<string, unknown>)[key];
    if (typeof member === 'object' && isDeeperThan(member, limit - 1)) return true;
  }
  return false;
}
