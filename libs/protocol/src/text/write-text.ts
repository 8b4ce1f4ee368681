/**
 * Envelopes to JSON text: constant parts as literals around one `JSON.stringify` of the body. PROTOCOL.md §2.
 * Nothing is checked here; what a program sends is its own.
 */
import type { EnvelopeMeta, WireError } from './envelope.js';

/** The answer to request `id`. An `undefined` result becomes `{}`. */
export function responseText(id: string, result: unknown): string {
  return `{"id":${quote(id)},"type":1,"result":${bodyText(result)}}`;
}

/** The refusal of message `id`, `''` where that could not be read. */
export function errorText(id: string, error: WireError): string {
  return `{"id":${quote(id)},"type":3,"error":${JSON.stringify(error)}}`;
}

export function notificationText(method: string, params?: unknown): string {
  return `{"type":2,"method":${quote(method)},"params":${bodyText(params)}}`;
}

export function requestText(id: string, method: string, params?: unknown, meta?: EnvelopeMeta): string {
  const head = `{"id":${quote(id)},"type":0,"method":${quote(method)},"params":${bodyText(params)}`;
  return meta === undefined ? `${head}}` : `${head},"meta":${JSON.stringify(meta)}}`;
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

function bodyText(body: unknown): string {
  return body === undefined ? '{}' : (JSON.stringify(body) ?? '{}');
}

/** Ids and methods are nearly always plain ASCII; only others pay for `JSON.stringify`. */
function quote(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

const PLAIN = /^[\w.:/ -]*$/;
