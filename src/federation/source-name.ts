// Names of upstreams and of their tools, as parts of this server's tool names `<source>.<name>` (PROTOCOL.md §5).
import { createHash } from 'node:crypto';

const LONGEST_TOOL_NAME = 128;
const LONGEST_SOURCE = 64;
const HASH_LENGTH = 8;

/** Names of sources that are this server's own. */
const OWN: ReadonlySet<string> = new Set(['local', 'agents']);

/** A source's name has no dot: it ends at the first one of a tool's name. Undefined where nothing can be made of the text. */
export function sourceName(text: string): string | undefined {
  const name = text.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, LONGEST_SOURCE);
  if (!/[A-Za-z0-9]/.test(name)) return undefined;
  return OWN.has(name) ? `${name}_` : name;
}

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

/**
 * What stands before the URIs of an upstream's resources, so that those of two upstreams differ: a URI's scheme has no
 * underscore and begins with a letter.
 */
export function uriPrefix(source: string): string {
  const scheme = source.toLowerCase().replaceAll('_', '-');
  return `${/^[a-z]/.test(scheme) ? scheme : `x-${scheme}`}+`;
}
