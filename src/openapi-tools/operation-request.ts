// The HTTP request that a call of an operation is.
import { FormData } from 'undici';

import type { OpenApiAuth } from '../config/openapi-source.js';
import { Failure } from '../extension/failure.js';
import type { Operation, OperationBody, OperationParameter } from './operation.js';
import { cookieText, formText, headerText, pathText, queryParts, textOf } from './parameter-style.js';

export interface ApiAccess {
  /** Ends without a slash. */
  readonly baseUrl: string;
  readonly auth: OpenApiAuth | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

export interface OperationRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | FormData | undefined;
}

type Arguments = Readonly<Record<string, unknown>>;

const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** A segment that a URL would not keep: it would name another path. */
const DOT_SEGMENT = /^(\.|%2e){1,2}$/i;
const ACCEPT = 'application/json, */*;q=0.8';

/** @throws Failure invalid_params for values that have no place in a path or header */
export function operationRequest(operation: Operation, args: Arguments, access: ApiAccess): OperationRequest {
  const given = operation.parameters.filter(({ argument }) => Object.hasOwn(args, argument) && args[argument] !== undefined);
  const of = (place: OperationParameter['in']): OperationParameter[] => given.filter((parameter) => parameter.in === place);
  const query = of('query').flatMap((parameter) => queryParts(parameter, args[parameter.argument]));
  const { auth } = access;
  if (auth?.type === 'apiKey' && auth.in === 'query') query.push([encodeURIComponent(auth.name), encodeURIComponent(auth.value)]);
  const cookies = of('cookie').map((parameter) => cookieText(parameter, args[parameter.argument]));
  const { body, contentType } = bodyOf(operation.body, args);
  const search = query.map(([name, value]) => `${name}=${value}`).join('&');
  return {
    url: `${access.baseUrl}${pathOf(operation, args)}${search === '' ? '' : `?${search}`}`,
    method: operation.method,
    headers: {
      accept: ACCEPT,
      ...Object.fromEntries(of('header').map((parameter) => headerOf(parameter, args[parameter.argument]))),
      ...(contentType !== undefined && { 'content-type': contentType }),
      ...(cookies.length > 0 && { cookie: cookies.join('; ') }),
      // Last: no argument stands in the place of what the operator configured.
      ...lowerCased(access.headers),
      ...authHeaders(auth),
    },
    body,
  };
}

function pathOf({ path, parameters }: Operation, args: Arguments): string {
  return path
    .split('/')
    .map((segment) => {
      let isFilled = false;
      const filled = segment.replace(/\{([^{}]+)\}/g, (_, name: string) => {
        const parameter = parameters.find((candidate) => candidate.in === 'path' && candidate.name === name);
        if (parameter === undefined || args[parameter.argument] === undefined) throw invalid(parameter?.argument ?? name, 'is missing');
        isFilled = true;
        const text = pathText(parameter, args[parameter.argument]);
        if (text === '') throw invalid(parameter.argument, 'must not be empty');
        return text;
      });
      if (isFilled && DOT_SEGMENT.test(filled)) throw invalid(/\{([^{}]+)\}/.exec(segment)?.[1] ?? '', 'must not be . or ..');
      return filled;
    })
    .join('/');
}

function headerOf(parameter: OperationParameter, value: unknown): [string, string] {
  const text = headerText(parameter, value);
  if (!HEADER_VALUE.test(text)) throw invalid(parameter.argument, 'has characters that no header can have');
  return [parameter.name.toLowerCase(), text];
}

function bodyOf(body: OperationBody | undefined, args: Arguments): { body: OperationRequest['body']; contentType?: string } {
  const value = body === undefined ? undefined : args[body.argument];
  if (body === undefined || value === undefined) return { body: undefined };
  const { mediaType } = body;
  if (/^application\/([\w.+-]+\+)?json\b/i.test(mediaType)) return { body: JSON.stringify(value), contentType: mediaType };
  if (/^application\/x-www-form-urlencoded\b/i.test(mediaType)) return { body: formText(objectOf(value)), contentType: mediaType };
  // The type of a multipart body has its boundary, which only the sender knows.
  if (/^multipart\/form-data\b/i.test(mediaType)) return { body: multipart(objectOf(value)) };
  if (/^text\//i.test(mediaType)) return { body: textOf(value), contentType: mediaType };
  return { body: bytesOf(value), contentType: mediaType.includes('*') ? 'application/octet-stream' : mediaType };
}

function multipart(value: Arguments): FormData {
  const form = new FormData();
  for (const [name, member] of Object.entries(value))
    for (const item of Array.isArray(member) ? (member as unknown[]) : [member]) form.append(name, textOf(item));
  return form;
}

/** Bytes come as base64 where they come as text. */
function bytesOf(value: unknown): string | Uint8Array {
  if (value instanceof Uint8Array) return value;
  return typeof value === 'string' ? new Uint8Array(Buffer.from(value, 'base64')) : JSON.stringify(value);
}

function objectOf(value: unknown): Arguments {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Arguments;
  throw invalid('body', 'must be an object');
}

function authHeaders(auth: OpenApiAuth | undefined): Record<string, string> {
  switch (auth?.type) {
    case 'bearer':
      return { authorization: `Bearer ${auth.token}` };
    case 'basic':
      return { authorization: `Basic ${basicCredentials(auth)}` };
    case 'apiKey':
      return auth.in === 'header' ? { [auth.name.toLowerCase()]: auth.value } : {};
    default:
      return {};
  }
}

export const basicCredentials = ({ username, password }: { readonly username: string; readonly password: string }): string =>
  Buffer.from(`${username}:${password}`).toString('base64');

const lowerCased = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

function invalid(argument: string, message: string): Failure {
  return Failure.invalidParams([{ path: `/arguments/${argument}`, message }]);
}
