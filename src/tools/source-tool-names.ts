// Names of tools that come from elsewhere: `<source>.<name>` (PROTOCOL.md §5), whatever they are called there.
import { createHash } from 'node:crypto';

const LONGEST_TOOL_NAME = 128;
const HASH_LENGTH = 8;

/**
 * The names that tools are called by here, in the order given. One that may stay as it is does; one that had to be changed to a
 * name that is taken, or that is too long, ends with a part of its hash: what a tool is called does not depend on the order of
 * the list.
 */
export function toolNames(source: string, names: readonly string[]): string[] {
  const room = LONGEST_TOOL_NAME - source.length - 1;
  const plain = names.map((name) => name.replace(/[^A-Za-z0-9_.-]/g, '_'));
  const counts = new Map<string, number>();
  plain.forEach((name) => counts.set(name, (counts.get(name) ?? 0) + 1));
  const exact = new Set(names.filter((name, i) => plain[i] === name && name.length <= room));
  return names.map((name, i) => {
    const changed = plain[i] as string;
    if (exact.has(name) || (changed.length <= room && counts.get(changed) === 1)) return `${source}.${changed}`;
    const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_LENGTH);
    return `${source}.${changed.slice(0, room - HASH_LENGTH - 1)}-${hash}`;
  });
}
