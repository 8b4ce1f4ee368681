// How the parts of the AsyncAPI document name and refer to each other.
import type { JsonSchema } from '../validation/json-schema.js';

/** A part of the document: plain JSON. */
export type Part = Readonly<Record<string, unknown>>;
export type Parts = Readonly<Record<string, Part>>;

/** A type and no interface, which would be no `Part`. */
export type Reference = { readonly $ref: string };

export const CHANNEL = 'endpoint';

export const channelRef: Reference = { $ref: `#/channels/${CHANNEL}` };
/** Operations refer to messages by way of their channel. */
export const messageRef = (key: string): Reference => ({ $ref: `#/channels/${CHANNEL}/messages/${key}` });
export const componentRef = (kind: 'messages' | 'schemas' | 'securitySchemes', key: string): Reference => ({
  $ref: `#/components/${kind}/${key}`,
});

/** What is sent by the server itself has keys that begin so. */
export const SENT = 'send.';
/** AsyncAPI's keys, but those that the document has for what is no method. */
const USABLE = /^(?!send\.|(?:ping|batch)$)[\w.-]+$/;

/** All operations, messages or schemas of several described things. */
export const together = <K extends string>(described: readonly Readonly<Record<K, Parts>>[], of: K): Parts =>
  Object.fromEntries(described.flatMap((one) => Object.entries(one[of])));

/** The key of a method's operation: its name, where that can be one. */
export const keyOf = (name: string, number: number): string => (USABLE.test(name) ? name : `method-${number}`);

/**
 * A DTO's schema as a component: it refers to itself and to its definitions by where they stand in the document, and these have
 * the name that draft-07 knows, which AsyncAPI's schemas are of.
 */
export function schemaComponent(key: string, schema: JsonSchema): Part {
  const { $ref: base } = componentRef('schemas', key);
  const { $defs, ...rest } = placed(schema, base) as Record<string, unknown>;
  return $defs === undefined ? rest : { ...rest, definitions: $defs };
}

function placed(value: unknown, base: string): unknown {
  if (Array.isArray(value)) return value.map((item) => placed(item, base));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => {
    const isLocal = name === '$ref' && typeof member === 'string' && member.startsWith('#');
    return [name, isLocal ? base + member.slice(1).replace(/^\/\$defs\//, '/definitions/') : placed(member, base)];
  });
  return Object.fromEntries(members) as unknown;
}
