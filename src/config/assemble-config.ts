// From values by YAML path to the frozen `Config`.
import type { Config } from './config.js';
import { hideSecrets } from './hide-secrets.js';
import { parseText } from './setting-kind.js';
import type { Setting } from './setting.js';

type Branch = Record<string, unknown>;

/**
 * @param values by YAML path; a setting that has none gets its default
 * @throws Error where a default of the table is not what its own row accepts
 */
export function assembleConfig(values: ReadonlyMap<string, unknown>, settings: readonly Setting[]): Config {
  const byPath = new Map(settings.map((setting) => [setting.path, setting]));
  const valueOf = (path: string): unknown => (values.has(path) ? values.get(path) : defaultOf(byPath.get(path) as Setting, valueOf));
  const root: Branch = {};
  const secrets = new Map<Branch, string[]>();
  for (const setting of settings) {
    const [branch, name] = place(root, setting.to);
    const value = valueOf(setting.path);
    if (value !== undefined) branch[name] = value;
    if (setting.kind === 'secret' || setting.kind === 'map') secrets.set(branch, [...(secrets.get(branch) ?? []), name]);
  }
  for (const [branch, names] of secrets) hideSecrets(branch, names);
  return freeze(root) as unknown as Config;
}

function defaultOf(setting: Setting, valueOf: (path: string) => unknown): unknown {
  if (!('default' in setting) || setting.default === undefined) return undefined;
  if (typeof setting.default === 'object') return setting.default.times * (valueOf(setting.default.of) as number);
  const parsed = parseText(setting, setting.default);
  if ('wrong' in parsed) throw new Error(`default of ${setting.path}: ${parsed.wrong}`);
  return parsed.value;
}

/** The object that a dotted path ends in, made where it is not there, and the path's last name. */
function place(root: Branch, path: string): [Branch, string] {
  const names = path.split('.');
  const last = names.pop() as string;
  let branch = root;
  for (const name of names) branch = (branch[name] ??= {}) as Branch;
  return [branch, last];
}

function freeze<T extends object>(value: T): T {
  for (const member of Object.values(value)) if (typeof member === 'object' && member !== null) freeze(member as object);
  return Object.freeze(value);
}
