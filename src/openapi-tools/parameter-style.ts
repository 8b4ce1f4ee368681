// How the values of parameters are written into a URL, a header or a cookie (OpenAPI 3.1, "Style Values"; RFC 6570).
import type { OperationParameter } from './operation.js';

/** A name and a value, both as they stand in a URL's query. */
export type QueryPart = readonly [name: string, value: string];

const RESERVED = /%(3A|2F|3F|23|5B|5D|40|21|24|26|27|28|29|2A|2B|2C|3B|3D)/gi;

const encode = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

/** For a place in the path. */
export function pathText(parameter: OperationParameter, value: unknown): string {
  const { style, explode, name } = parameter;
  if (parameter.isJson) return encode(JSON.stringify(value));
  if (style === 'label') return `.${joined(value, explode ? '.' : ',', explode, encode)}`;
  if (style === 'matrix') return matrix(name, value, explode);
  return joined(value, ',', explode, encode);
}

export function queryParts(parameter: OperationParameter, value: unknown): QueryPart[] {
  const { style, explode, name, allowReserved } = parameter;
  const write = (text: string): string =>
    allowReserved
      ? encode(text)
          .replace(RESERVED, (sign) => decodeURIComponent(sign))
          .replace(/[#&+=]/g, encodeURIComponent)
      : encode(text);
  if (parameter.isJson) return [[encode(name), write(JSON.stringify(value))]];
  if (style === 'deepObject' && isObject(value))
    return Object.entries(value).flatMap(([key, member]) => deep(`${encode(name)}[${encode(key)}]`, member, write));
  if (Array.isArray(value)) {
    if (explode) return value.map((item) => [encode(name), write(textOf(item))]);
    const separator = style === 'spaceDelimited' ? '%20' : style === 'pipeDelimited' ? '%7C' : ',';
    return [[encode(name), value.map((item) => write(textOf(item))).join(separator)]];
  }
  if (isObject(value) && explode) return Object.entries(value).map(([key, member]) => [encode(key), write(textOf(member))]);
  return [[encode(name), joined(value, ',', explode, write)]];
}

/** For a header; the caller refuses what no header can hold. */
export function headerText({ explode, isJson }: OperationParameter, value: unknown): string {
  return isJson ? JSON.stringify(value) : joined(value, ',', explode, (text) => text);
}

export function cookieText({ name, explode, isJson }: OperationParameter, value: unknown): string {
  return `${encode(name)}=${isJson ? encode(JSON.stringify(value)) : joined(value, ',', explode, encode)}`;
}

/** A body of `application/x-www-form-urlencoded`: lists repeat their name, objects are JSON. */
export function formText(body: Readonly<Record<string, unknown>>): string {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(body))
    for (const item of Array.isArray(value) ? value : [value]) pairs.append(name, textOf(item));
  return pairs.toString();
}

function matrix(name: string, value: unknown, explode: boolean): string {
  if (Array.isArray(value) && explode) return value.map((item) => `;${encode(name)}=${encode(textOf(item))}`).join('');
  if (isObject(value) && explode)
    return Object.entries(value)
      .map(([key, member]) => `;${encode(key)}=${encode(textOf(member))}`)
      .join('');
  return `;${encode(name)}=${joined(value, ',', false, encode)}`;
}

function joined(value: unknown, separator: string, explode: boolean, write: (text: string) => string): string {
  if (Array.isArray(value)) return value.map((item) => write(textOf(item))).join(separator);
  if (!isObject(value)) return write(textOf(value));
  return Object.entries(value)
    .map(([key, member]) => `${write(key)}${explode ? '=' : separator}${write(textOf(member))}`)
    .join(separator);
}

function deep(name: string, value: unknown, write: (text: string) => string): QueryPart[] {
  if (Array.isArray(value)) return value.map((item) => [name, write(textOf(item))]);
  if (isObject(value)) return Object.entries(value).flatMap(([key, member]) => deep(`${name}[${encode(key)}]`, member, write));
  return [[name, write(textOf(value))]];
}

export function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
