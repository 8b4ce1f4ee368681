// What `npm run keys` can do, from words to text. Not where the database is: keys.ts.
import { parseArgs } from 'node:util';

import type { ApiKeyService } from '../auth/api-key.service.js';
import { OPERATOR_TENANT } from '../auth/authenticated.js';
import { CreateKeyDto } from '../auth/key.dto.js';
import type { KeyView, NewKeyView } from '../auth/key-view.js';
import { didYouMean } from '../config/closest-name.js';
import { DURATION_FORM, parseDuration } from '../config/duration.js';
import type { Clock } from '../extension/clock.js';
import { Failure } from '../extension/failure.js';
import { SCOPES, type Principal } from '../extension/principal.js';
import { compileDto } from '../validation/compile-dto.js';
import { table } from './table.js';

export const USAGE = `Makes, lists, rotates and revokes API keys, in the data folder of this machine. A running server notices within two seconds.

  npm run keys -- create --name <name> --scopes <a,b> [--tenant default] [--expires 30d | 2030-01-01T00:00:00Z]
  npm run keys -- list [--tenant <tenant>]
  npm run keys -- rotate <id>
  npm run keys -- revoke <id>

  --json prints JSON. The data folder is that of the server's settings: MCPW_DATA_DIR, else MCPW_CONFIG, else ./data.`;

/** The words make no command. */
export class UsageError extends Error {}

/** Whoever can write the data folder runs the server. */
const OPERATOR: Principal = { id: 'key:local', tenant: OPERATOR_TENANT, scopes: ['admin'] };
const PAGE = 1_000;

const OPTIONS = {
  name: { type: 'string' },
  tenant: { type: 'string' },
  scopes: { type: 'string' },
  expires: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** The options that each command takes, beside `--json`. */
const TAKES: Readonly<Record<string, { readonly options: readonly string[]; readonly words: number }>> = {
  create: { options: ['name', 'tenant', 'scopes', 'expires'], words: 0 },
  list: { options: ['tenant'], words: 0 },
  rotate: { options: [], words: 1 },
  revoke: { options: [], words: 1 },
};

/**
 * @param args what follows `npm run keys --`
 * @param note takes what is worth a second look, beside what is printed
 * @returns what to print
 * @throws UsageError, Failure
 */
export async function runKeysCommand(
  args: readonly string[],
  keys: ApiKeyService,
  clock: Clock,
  note: (text: string) => void,
): Promise<string> {
  const { command, id, options } = parse(args);
  const show = (value: unknown, text: () => string): string => (options.json === true ? JSON.stringify(value, undefined, 2) : text());
  switch (command) {
    case 'create': {
      const made = await keys.create(OPERATOR, createParams(options, clock));
      for (const scope of made.scopes.filter((name) => !isBuiltIn(name))) note(unknownScope(scope));
      return show(made, () => shownOnce(made));
    }
    case 'list': {
      const all = listAll(keys, options.tenant);
      return show(all, () => (all.length === 0 ? 'There are no keys.' : keyTable(all)));
    }
    case 'rotate': {
      const made = await keys.rotate(OPERATOR, id);
      return show(made, () => `${shownOnce(made)}\n\nThe old secret has stopped.`);
    }
    default:
      await keys.revoke(OPERATOR, id);
      return show({ id, revoked: true }, () => `Key ${id} is revoked.`);
  }
}

type Options = Partial<Record<'name' | 'tenant' | 'scopes' | 'expires', string>> & { json?: boolean };

function parse(args: readonly string[]): { command: string; id: string; options: Options } {
  const { values, positionals } = parsedArgs(args);
  const [command = '', ...words] = positionals;
  const takes = Object.hasOwn(TAKES, command) ? TAKES[command] : undefined;
  if (takes === undefined) throw new UsageError(command === '' ? 'what is to be done?' : `there is no command ${command}`);
  if (words.length !== takes.words)
    throw new UsageError(takes.words === 0 ? `${command} takes no ${words.join(' ')}` : `${command} takes the id of a key`);
  const odd = Object.keys(values).find((name) => name !== 'json' && !takes.options.includes(name));
  if (odd !== undefined) throw new UsageError(`${command} takes no --${odd}`);
  return { command, id: words[0] ?? '', options: values };
}

function parsedArgs(args: readonly string[]): { values: Options; positionals: string[] } {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** By the same rules as over REST. */
function createParams({ name, tenant = OPERATOR_TENANT, scopes, expires }: Options, clock: Clock): CreateKeyDto {
  const params = {
    name,
    tenant,
    scopes: scopes?.split(',').map((scope) => scope.trim()),
    ...(expires !== undefined && { expires_at: endOf(expires, clock) }),
  };
  const errors = compileDto(CreateKeyDto).validate(params);
  if (errors !== null) throw Failure.invalidParams(errors);
  return params as CreateKeyDto;
}

const NARROWED = 'tools:execute:';

const isBuiltIn = (scope: string): boolean => SCOPES.some((known) => known === scope) || scope.startsWith(NARROWED);

/** No error: modules have scopes of their own, which only a running server knows. */
function unknownScope(scope: string): string {
  const hint = didYouMean(scope, SCOPES, (name) => name);
  return `Note: ${scope} is none of the server's own scopes: right where a module asks for it, else good for nothing${hint}`;
}

function endOf(expires: string, clock: Clock): string {
  const duration = parseDuration(expires);
  if (duration !== undefined) return new Date(clock.now() + duration).toISOString();
  if (Number.isNaN(Date.parse(expires))) throw new UsageError(`--expires takes ${DURATION_FORM}, or a time such as 2030-01-01T00:00:00Z`);
  return new Date(expires).toISOString();
}

function listAll(keys: ApiKeyService, tenant: string | undefined): KeyView[] {
  const all: KeyView[] = [];
  let cursor: string | undefined;
  do {
    const page = keys.list(OPERATOR, { limit: PAGE, ...(cursor !== undefined && { cursor }), ...(tenant !== undefined && { tenant }) });
    all.push(...page.keys);
    cursor = page.next_cursor;
  } while (cursor !== undefined);
  return all;
}

function shownOnce({ id, key, name, tenant, scopes, expires_at }: NewKeyView): string {
  return `The key, shown this once:

  ${key}

${table([
  ['id', id],
  ['name', name],
  ['tenant', tenant],
  ['scopes', scopes.join(' ')],
  ['expires', expires_at ?? 'never'],
])}`;
}

function keyTable(keys: readonly KeyView[]): string {
  const rows = keys.map((key) => [
    key.id,
    key.name,
    key.tenant,
    key.scopes.join(' '),
    minuteOf(key.created_at),
    minuteOf(key.expires_at),
    minuteOf(key.last_used_at),
    minuteOf(key.revoked_at),
  ]);
  return table([['ID', 'NAME', 'TENANT', 'SCOPES', 'MADE', 'EXPIRES', 'LAST USED', 'REVOKED'], ...rows]);
}

const minuteOf = (time: string | null): string => (time === null ? '-' : time.slice(0, 16).replace('T', ' '));
