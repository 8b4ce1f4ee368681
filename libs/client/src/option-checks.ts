// Whether options can be meant. Programs without types, and settings that came from elsewhere, are told of their mistake here,
// by the option's name, and not by what follows from it. What is not given is the business of who fills in the defaults.
import type { ClientOptions, ReconnectOptions } from './client-options.js';
import { InvalidOptionError } from './errors.js';

type Check = readonly [is: string, holds: (value: unknown) => boolean];
type Checks<T> = Readonly<Record<keyof T, Check | undefined>>;

const BOOLEAN: Check = ['true or false', (value) => typeof value === 'boolean'];
const NOT_BELOW_0: Check = ['a number of 0 or more', (value) => typeof value === 'number' && value >= 0];
export const TEXT: Check = ['a text that is not empty', (value) => typeof value === 'string' && value !== ''];
export const SIGNAL: Check = [
  'an AbortSignal',
  (value) => isObject(value) && typeof (value as Partial<AbortSignal>).aborted === 'boolean' && 'addEventListener' in value,
];
const URL_: Check = ['ws://… or wss://…', (value) => ['ws:', 'wss:'].includes(parsed(value)?.protocol ?? '')];
export const ABOVE_0: Check = ['a number above 0', (value) => typeof value === 'number' && value > 0];

const CHECKS: Checks<ClientOptions> = {
  url: URL_,
  name: TEXT,
  version: TEXT,
  // What is none is refused by who presents them, which does not say what they are.
  key: undefined,
  token: undefined,
  ticket: undefined,
  encoding: oneOf('json', 'binary'),
  batching: BOOLEAN,
  compression: BOOLEAN,
  security: oneOf(true, false, 'sign', 'encrypt'),
  requestTimeoutMs: ABOVE_0,
  connectTimeoutMs: ABOVE_0,
  reconnect: ['true, false or an object', (value) => typeof value === 'boolean' || isObject(value)],
  maxWaiting: ABOVE_0,
  maxWaitMs: ABOVE_0,
  rateLimit: BOOLEAN,
  idleMs: ABOVE_0,
  pongTimeoutMs: ABOVE_0,
  maxMessageBytes: ABOVE_0,
};
const RECONNECT_CHECKS: Checks<ReconnectOptions> = { baseMs: NOT_BELOW_0, maxMs: NOT_BELOW_0, maxAttempts: NOT_BELOW_0 };

/** @throws InvalidOptionError for the first that is no option, or no value of one */
export function refuseBadOptions(options: ClientOptions): void {
  if (!isObject(options)) throw new InvalidOptionError('options', `options is an object with url and name, not ${shown(options)}`);
  if (options.url === undefined) throw wrong('url', undefined, URL_);
  if (options.name === undefined) throw wrong('name', undefined, TEXT);
  refuseEach(options, CHECKS, '');
  const { hash } = new URL(options.url);
  if (hash !== '') throw new InvalidOptionError('url', `the url of a WebSocket has no fragment, and this one has ${shown(hash)}`);
  if (typeof options.reconnect === 'object') refuseEach(options.reconnect, RECONNECT_CHECKS, 'reconnect.');
}

/** What is wrong with an option that need not be given. */
export function mistakeOf(name: string, value: unknown, check: Check): InvalidOptionError | undefined {
  return value === undefined || check[1](value) ? undefined : wrong(name, value, check);
}

function wrong(name: string, value: unknown, [is]: Check): InvalidOptionError {
  return new InvalidOptionError(name, `${name} is ${is}, not ${shown(value)}`);
}

function refuseEach<T extends object>(given: T, checks: Checks<T>, prefix: string): void {
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(checks, name)) throw new InvalidOptionError(prefix + name, `${prefix}${name} is no option of this client`);
    const check = checks[name as keyof T];
    const mistake = check && mistakeOf(prefix + name, value, check);
    if (mistake !== undefined) throw mistake;
  }
}

function oneOf(...values: readonly unknown[]): Check {
  return [values.map(shown).join(', '), (value) => values.includes(value)];
}

function parsed(url: unknown): URL | undefined {
  try {
    return typeof url === 'string' ? new URL(url) : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A URL with what may be secret in it, and objects, are not shown. */
function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'string') return String(value);
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(value)?.[0];
  return scheme === undefined ? `"${value}"` : `${scheme}…`;
}
