// Gives members that came under an alias their declared name, before validation (PROTOCOL.md §5).
import { aliasesOf } from '../extension/alias.decorator.js';
import type { DtoClass } from '../extension/tool.decorator.js';

/** A function that returns its argument itself where it holds no alias, else a copy. Where both names are given the declared one wins. */
export function aliasRenamer(dto: DtoClass): (value: unknown) => unknown {
  const aliases = aliasesOf(dto);
  const names = [...aliases.keys()];
  if (names.length === 0) return (value) => value;
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return names.some((name) => Object.hasOwn(value, name)) ? renamed(value, aliases) : value;
  };
}

function renamed(value: object, aliases: ReadonlyMap<string, string>): object {
  const members = new Map<string, unknown>();
  for (const [name, member] of Object.entries(value)) {
    const declared = aliases.get(name);
    if (declared === undefined) members.set(name, member);
    else if (!Object.hasOwn(value, declared) && !members.has(declared)) members.set(declared, member);
  }
  // Defines members instead of assigning them: `__proto__` stays a member, and is refused as unknown.
  return Object.fromEntries(members);
}
