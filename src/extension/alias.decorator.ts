// Other names under which a member of the params is accepted (PROTOCOL.md §5, for clients of the older server).
import 'reflect-metadata';

const ALIASES = 'mcpw:aliases';

/** Property decorator: `@Alias('id') context_id: string`. The declared name wins where both are given. */
export const Alias =
  (...names: string[]): PropertyDecorator =>
  (target, property) => {
    const known = aliasesOf(target.constructor);
    Reflect.defineMetadata(ALIASES, new Map([...known, ...names.map((name) => [name, String(property)] as const)]), target.constructor);
  };

/** Alias → declared name, of a DTO class. */
export function aliasesOf(dto: object): ReadonlyMap<string, string> {
  return (Reflect.getMetadata(ALIASES, dto) as Map<string, string> | undefined) ?? new Map<string, string>();
}
