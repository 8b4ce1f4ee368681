// How deep a value from elsewhere is nested. Without recursion: it is asked of values that may be too deep for that.

/** As the protocol's own messages (PROTOCOL.md §2). */
export const MAX_DEPTH = 64;

export function isDeeperThan(value: unknown, limit: number): boolean {
  let level: object[] = isObject(value) ? [value] : [];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > limit) return true;
    const next: object[] = [];
    for (const item of level) for (const member of Object.values(item) as unknown[]) if (isObject(member)) next.push(member);
    level = next;
  }
  return false;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
