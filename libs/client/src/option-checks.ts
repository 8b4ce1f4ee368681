// Whether a value can be meant. Programs without types, and settings that came from elsewhere, are told of their mistake by the
// option's name, and not by what follows from it. Which options there are is said where they are declared.
import { InvalidOptionError } from './errors.js';

export type Check = readonly [is: string, holds: (value: unknown) => boolean];
/** For each option its check; undefined where somebody else looks at it. */
export type Checks<T> = Readonly<Record<keyof T, Check | undefined>>;

export const BOOLEAN: Check = ['true or false', (value) => typeof value === 'boolean'];
export const NOT_BELOW_0: Check = ['a number of 0 or more', (value) => typeof value === 'number' && value >= 0];
export const TEXT: Check = ['a text that is not empty', (value) => typeof value === 'string' && value !== ''];
export const FUNCTION: Check = ['a function', (value) => typeof value === 'function'];
export const SIGNAL: Check = [
  'an AbortSignal',
  (value) => isObject(value) && typeof (value as Partial<AbortSignal>).aborted === 'boolean' && 'addEventListener' in value,
];
export const URL_: Check = ['ws://… or wss://…', (value) => ['ws:', 'wss:'].includes(parsed(value)?.protocol ?? '')];
export const ABOVE_0: Check = ['a number above 0', (value) => typeof value === 'number' && value > 0];

/** What is wrong with an option that need not be given. */
export function mistakeOf(name: string, value: unknown, check: Check): InvalidOptionError | undefined {
  return value === undefined || check[1](value) ? undefined : wrong(name, value, check);
}

/** @throws InvalidOptionError for what has to be given, and is not or is wrong */
export function refuseWrong(name: string, value: unknown, check: Check): void {
  if (!check[1](value)) throw wrong(name, value, check);
}

function wrong(name: string, value: unknown, [is]: Check): InvalidOptionError {
  return new InvalidOptionError(name, `${name} is ${is}, not ${shown(value)}`);
}

/**
 * What is wrong with the first of them that is no option, or no value of one.
 * @param of whom they are
 * @param prefix of their names
 */
export function mistakeAmong<T extends object>(given: T, checks: Checks<T>, of: string, prefix = ''): InvalidOptionError | undefined {
  if (!isObject(given)) return wrong('options', given, ['an object', isObject]);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(checks, name)) return new InvalidOptionError(prefix + name, `${prefix}${name} is no option of ${of}`);
    const check = checks[name as keyof T];
    const mistake = check && mistakeOf(prefix + name, value, check);
    if (mistake !== undefined) return mistake;
  }
  return undefined;
}

/** @throws InvalidOptionError as `mistakeAmong` gives it */
export function refuseEach<T extends object>(given: T, checks: Checks<T>, of: string, prefix?: string): void {
  const mistake = mistakeAmong(given, checks, of, prefix);
  if (mistake !== undefined) throw mistake;
}

export function oneOf(...values: readonly unknown[]): Check {
  return [values.map(shown).join(', '), (value) => values.includes(value)];
}

function parsed(url: unknown): URL | undefined {
  try {
    return typeof url === 'string' ? new URL(url) : undefined;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A URL with what may be secret in it, and objects, are not shown. */
export function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'string') return String(value);
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(value)?.[0];
  return scheme === undefined ? `"${value}"` : `${scheme}…`;
}
