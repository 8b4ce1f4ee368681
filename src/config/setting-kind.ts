// From the text of a value to the value, by the setting's kind. YAML scalars and variables go the same way.
import { parseByteSize, SIZE_FORM } from './byte-size.js';
import { DURATION_FORM, parseDuration } from './duration.js';
import type { Setting } from './setting.js';

/** A value, or a sentence on what is wrong with it. */
export type Parsed = { readonly value: unknown } | { readonly wrong: string };

const INTEGER = /^[+-]?\d{1,15}$/;
const NUMBER = /^[+-]?\d{1,15}(\.\d{1,15})?$/;
const LONGEST_SHOWN = 60;

const NUMERIC = {
  integer: { parse: (text: string) => (INTEGER.test(text) ? Number(text) : undefined), form: 'a whole number' },
  number: { parse: (text: string) => (NUMBER.test(text) ? Number(text) : undefined), form: 'a number' },
  duration: { parse: parseDuration, form: DURATION_FORM },
  size: { parse: parseByteSize, form: SIZE_FORM },
} as const;

/** The text as it may be shown: quoted, shortened, and only its length where it is a secret. */
export function shown(setting: Setting, text: string): string {
  if (setting.kind === 'secret') return `a value of ${text.length} characters`;
  const short = text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
  return JSON.stringify(short);
}

/** What the setting accepts, for messages and documents: `a duration such as …, from 1s to 1h`. */
export function accepted(setting: Setting): string {
  switch (setting.kind) {
    case 'boolean':
      return 'true or false';
    case 'integer':
    case 'number':
    case 'duration':
    case 'size':
      return `${NUMERIC[setting.kind].form}, from ${setting.min} to ${setting.max}`;
    case 'enum':
      return `one of ${setting.values.join(', ')}`;
    case 'list':
      return 'a list';
    case 'secret':
      return setting.minLength === undefined ? 'text' : `at least ${setting.minLength} bytes`;
    case 'string':
      return 'text';
    case 'map':
      return 'a map';
  }
}

/** Reads one value; of a list, one text holds all items with commas between. */
export function parseText(setting: Setting, text: string): Parsed {
  const refuse = (why = accepted(setting)): Parsed => ({ wrong: `${shown(setting, text)} is not accepted; accepted: ${why}` });
  switch (setting.kind) {
    case 'boolean':
      return text === 'true' || text === 'false' ? { value: text === 'true' } : refuse();
    case 'integer':
    case 'number':
    case 'duration':
    case 'size': {
      const { parse } = NUMERIC[setting.kind];
      const value = parse(text);
      return value !== undefined && value >= (parse(setting.min) as number) && value <= (parse(setting.max) as number)
        ? { value }
        : refuse();
    }
    case 'enum':
      return setting.values.includes(text) ? { value: text } : refuse();
    case 'list':
      return parseItems(setting, text === '' ? [] : text.split(',').map((item) => item.trim()));
    case 'secret':
      if (setting.minLength !== undefined && Buffer.byteLength(text) < setting.minLength) return refuse();
      return checked(setting, text, refuse);
    case 'string':
      return checked(setting, text, refuse);
    case 'map':
      return parseJsonMap(setting, text);
  }
}

/** Reads the items of a list setting. */
export function parseItems(setting: Setting & { kind: 'string' | 'list' }, items: readonly string[]): Parsed {
  for (const item of items) {
    const why = item === '' ? 'items that are not empty' : setting.check?.(item);
    if (why !== undefined) return { wrong: `${shown(setting, item)} is not accepted; accepted: ${why}` };
  }
  return { value: items };
}

/** Reads a free-form map, checked by its row. */
export function parseMap(setting: Setting & { kind: 'map' }, value: unknown): Parsed {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { wrong: 'is not a map; accepted: a map' };
  const wrong = setting.check(value as Readonly<Record<string, unknown>>);
  return wrong.length === 0 ? { value } : { wrong: wrong.join('; ') };
}

function parseJsonMap(setting: Setting & { kind: 'map' }, text: string): Parsed {
  try {
    return parseMap(setting, JSON.parse(text));
  } catch {
    return { wrong: 'is not JSON; accepted: a map as JSON' };
  }
}

function checked(
  setting: Setting & { check?: (text: string) => string | undefined },
  text: string,
  refuse: (why?: string) => Parsed,
): Parsed {
  if (text === '') return refuse('text that is not empty');
  const why = setting.check?.(text);
  return why === undefined ? { value: text } : refuse(why);
}
