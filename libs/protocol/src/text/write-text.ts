/**
 * Envelopes to JSON text: constant parts as literals around one `JSON.stringify` of the body. PROTOCOL.md §2.
 * Nothing is checked here; what a program sends is its own.
 */
import { Encoded } from '../msgpack/encoded.js';
import type { EnvelopeMeta, WireError } from './envelope.js';

/** The answer to request `id`. An `undefined` result becomes `{}`. */
export function responseText(id: string, result: unknown, meta?: EnvelopeMeta): string {
  return `{"id":${quote(id)},"type":1,"result":${bodyText(result)}${metaText(meta)}`;
}

/** The refusal of message `id`, `''` where that could not be read. */
export function errorText(id: string, error: WireError): string {
  return `{"id":${quote(id)},"type":3,"error":${JSON.stringify(error)}}`;
}

export function notificationText(method: string, params?: unknown, meta?: EnvelopeMeta): string {
  return `{"type":2,"method":${quote(method)},"params":${bodyText(params)}${metaText(meta)}`;
}

export function requestText(id: string, method: string, params?: unknown, meta?: EnvelopeMeta): string {
  return `{"id":${quote(id)},"type":0,"method":${quote(method)},"params":${bodyText(params)}${metaText(meta)}`;
}

export function pingText(id: string): string {
  return `{"id":${quote(id)},"type":4}`;
}

/** @param timestamp RFC 3339 UTC with milliseconds. */
export function pongText(id: string, timestamp: string): string {
  return `{"id":${quote(id)},"type":5,"result":{"timestamp":${quote(timestamp)}}}`;
}

/** @param texts 1 to 100 envelopes already written, none of them a batch. */
export function batchText(id: string, texts: readonly string[]): string {
  return `{"id":${quote(id)},"type":6,"params":{"messages":[${texts.join(',')}]}}`;
}

/**
 * A body's JSON text; `{}` for `undefined`. An `Encoded` that is the body, one of its members, or an element of such a
 * member is spliced in as it is; one deeper down is parsed first, which is slow and right. What may
 * hold binary goes through `jsonValueOf` before.
 */
export function bodyText(body: unknown): string {
  if (typeof body !== 'object' || body === null) return JSON.stringify(body) ?? '{}';
  if (body instanceof Encoded) return body.text;
  return holdsRaw(body) ? splicedObject(body) : JSON.stringify(body);
}

const metaText = (meta: EnvelopeMeta | undefined): string => (meta === undefined ? '}' : `,"meta":${JSON.stringify(meta)}}`);

/** Ids and methods are nearly always plain ASCII; only others pay for `JSON.stringify`. */
function quote(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

const PLAIN = /^[\w.:/ -]*$/;

/** Looks two levels down for an `Encoded`: where results hold what was stored. */
function holdsRaw(body: object): boolean {
  if ('toJSON' in body) return false;
  for (const member of Object.values(body) as unknown[]) {
    if (typeof member === 'object' && member !== null && isRawOrHoldsOne(member)) return true;
  }
  return false;
}

function isRawOrHoldsOne(member: object): boolean {
  return member instanceof Encoded || (Array.isArray(member) && member[0] instanceof Encoded);
}

function splicedObject(body: object): string {
  if (Array.isArray(body)) return splicedArray(body);
  const members: string[] = [];
  for (const [name, member] of Object.entries(body) as [string, unknown][]) {
    const text = memberText(member);
    if (text !== undefined) members.push(`${JSON.stringify(name)}:${text}`);
  }
  return `{${members.join(',')}}`;
}

function splicedArray(array: readonly unknown[]): string {
  return `[${array.map((element) => memberText(element) ?? 'null').join(',')}]`;
}

function memberText(member: unknown): string | undefined {
  if (member instanceof Encoded) return member.text;
  return Array.isArray(member) && member[0] instanceof Encoded ? splicedArray(member) : JSON.stringify(member);
}
