// Takes what proves this server to another out of what the other says in its errors: one that repeats a header must not carry it into
// the log, to an administrator, or to who called. Not out of results: those are passed on as they are.
import { setOwn } from '@mcpw/protocol';

import { isRecord } from '../extension/is-record.js';

export type Redact = (text: string) => string;

const HIDDEN = '[secret]';
/** Shorter values (`1`, `true`, `json`) are no secrets, and stand in every text. */
const SHORTEST = 8;
const NOTHING = /(?!)/g;

/** @param secrets whole; their words (`Bearer <token>`) are taken out too, and both as they stand in URLs and in JSON */
export function redactor(secrets: readonly string[]): Redact {
  // Made when there is something to redact: most calls go well.
  let pattern: RegExp | undefined;
  return (text) => (text.length < SHORTEST ? text : text.replace((pattern ??= patternOf(secrets)), HIDDEN));
}

/** All texts of a JSON value, the names of its members too. */
export function redacted(redact: Redact, value: unknown): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((item) => redacted(redact, item));
  if (!isRecord(value)) return value;
  const shown: Record<string, unknown> = {};
  for (const name in value) setOwn(shown, redact(name), redacted(redact, value[name]));
  return shown;
}

function patternOf(secrets: readonly string[]): RegExp {
  const forms = [...secrets, ...secrets.flatMap((secret) => secret.split(' '))]
    .filter((secret) => secret.length >= SHORTEST)
    .flatMap(formsOf)
    // The longest first: one may be a part of another.
    .toSorted((a, b) => b.length - a.length);
  return forms.length === 0 ? NOTHING : new RegExp([...new Set(forms)].map(escaped).join('|'), 'g');
}

function formsOf(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  return [secret, encodeURIComponent(secret.toWellFormed()), json, json.replaceAll('/', '\\/')];
}

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
