// A message for each code of the catalog (PROTOCOL.md §7), and which of them a method may be answered with.
import { ERROR_NAMES, ErrorCode } from '@mcpw/protocol';

import type { FailureKind } from '../extension/failure.js';
import { failureCode } from '../protocol/failure-code.js';
import type { Method } from '../protocol/method.js';
import type { Part, Parts } from './document-parts.js';
import { errorEnvelope } from './envelopes.js';

interface Told {
  readonly description?: string;
  /** Members of `data`. Each may be missing, and there may be others. */
  readonly data?: Parts;
}

const string = { type: 'string' };
const count = { type: 'integer', minimum: 0 };
const paramError = { type: 'object', properties: { path: string, message: string }, required: ['path', 'message'] };

const TOLD: Readonly<Partial<Record<ErrorCode, Told>>> = {
  [ErrorCode.RATE_LIMITED]: {
    data: { retry_after_ms: count, scope: { type: 'string', description: '`connection`, `ip`, `user`, `tenant` or `tool`' } },
  },
  [ErrorCode.SERVER_ERROR]: {
    description: 'Says nothing of the server’s inside.',
    data: { ref: { type: 'string', description: 'To be found in the server’s log.' } },
  },
  [ErrorCode.INVALID_PARAMS]: { data: { errors: { type: 'array', items: paramError, description: '`path` is a JSON Pointer.' } } },
  [ErrorCode.CONTEXT_TOO_LARGE]: {
    data: { max_tokens: count, tokens: { ...count, description: 'What it would hold, or at least that.' } },
  },
  [ErrorCode.CONFLICT]: {
    description: 'Also where an idempotency key was used with other params.',
    data: { current_version: count, source: { type: 'string', description: 'Who has a tool’s name.' } },
  },
  [ErrorCode.FORBIDDEN]: { data: { scope: { type: 'string', description: 'What the caller lacks.' } } },
  [ErrorCode.UNAVAILABLE]: { data: { retry_after_ms: count } },
};

export const errorKey = (code: number): string => `error.${code}`;

export const ERROR_MESSAGES: Parts = Object.fromEntries(
  Object.values(ErrorCode).map((code): [string, Part] => [errorKey(code), errorMessage(code, TOLD[code] ?? {})]),
);

function errorMessage(code: ErrorCode, { description, data }: Told): Part {
  const error = {
    type: 'object',
    properties: { code: { const: code }, message: string, data: data === undefined ? {} : { type: 'object', properties: data } },
    required: ['code', 'message'],
  };
  return { title: `${code} ${ERROR_NAMES[code]}`, ...(description === undefined ? {} : { description }), payload: errorEnvelope(error) };
}

/** What stands around every handler ends calls with these. */
const OF_ALL: readonly ErrorCode[] = [
  ErrorCode.INVALID_MESSAGE,
  ErrorCode.RATE_LIMITED,
  ErrorCode.SERVER_ERROR,
  ErrorCode.CANCELLED,
  ErrorCode.CONFLICT,
  ErrorCode.REPLAY_REJECTED,
  ErrorCode.SIGNATURE_INVALID,
  ErrorCode.TIMED_OUT,
  ErrorCode.TOO_LARGE,
  ErrorCode.UNAVAILABLE,
];

/** Answers to what is no request of a method: unreadable, too large, unknown, or refused before. */
export const CODES_OF_NO_METHOD: readonly ErrorCode[] = [
  ErrorCode.INVALID_MESSAGE,
  ErrorCode.RATE_LIMITED,
  ErrorCode.METHOD_NOT_FOUND,
  ErrorCode.REPLAY_REJECTED,
  ErrorCode.SIGNATURE_INVALID,
  ErrorCode.NOT_INITIALIZED,
  ErrorCode.TOO_LARGE,
];

/** @param hasGuards whether guards of a team's own are asked too */
export function codesOf({ name, params, scope, answers }: Method, hasGuards: boolean): number[] {
  const codes = new Set<number>([...OF_ALL, ...(answers?.failures ?? []).map((kind: FailureKind) => failureCode(kind))]);
  if (params !== undefined) codes.add(ErrorCode.INVALID_PARAMS);
  if (scope !== undefined || hasGuards) codes.add(ErrorCode.FORBIDDEN);
  if (name !== 'initialize') codes.add(ErrorCode.NOT_INITIALIZED);
  return [...codes].sort((a, b) => a - b);
}
