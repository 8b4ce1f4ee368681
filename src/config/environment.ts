// Reads the environment against the settings table. The rule: `MCPW_` and the YAML path in capitals with `_` for dots;
// beside it the short names that the table lists. Lists have commas between their items; an empty variable is unset.
import { didYouMean } from './closest-name.js';
import type { GivenValue, Reading } from './given-value.js';
import { parseText, shown, type Parsed } from './setting-kind.js';
import type { Setting } from './setting.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Names the YAML file. Not a setting, since a file cannot name itself. */
export const CONFIG_FILE_VARIABLE = 'MCPW_CONFIG';

/** The credential of commands that connect to a server (`npm run try`). No setting: the server has no use for it, and lets it be. */
export const CLIENT_KEY_VARIABLE = 'MCPW_KEY';

const OURS = /^(MCPW|WEBSOCKET)_/;
/** What Kubernetes sets in every pod for a service that happens to be called mcpw or websocket. */
const SERVICE_LINK = /^(MCPW|WEBSOCKET)_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP)(_PROTO|_PORT|_ADDR)?)$/;

/** The name that the rule gives. */
const variableOf = (path: string): string => `MCPW_${path.replaceAll('.', '_').toUpperCase()}`;

/** All names of a setting, the rule's first. */
export function variablesOf(setting: Setting): readonly string[] {
  const scaled = 'scaled' in setting && setting.scaled ? [setting.scaled.name] : [];
  return [...new Set([variableOf(setting.path), ...(setting.names ?? []), ...scaled])];
}

export function readEnvironment(env: Environment, settings: readonly Setting[]): Reading {
  const reading: Reading = { given: [], problems: [] };
  const known = new Set([CONFIG_FILE_VARIABLE, CLIENT_KEY_VARIABLE]);
  for (const setting of settings) {
    const given: GivenValue[] = [];
    for (const name of variablesOf(setting)) {
      known.add(name);
      const text = env[name]?.trim();
      if (text === undefined || text === '') continue;
      const parsed = parseVariable(setting, name, text);
      if ('wrong' in parsed) reading.problems.push({ source: name, key: setting.path, message: parsed.wrong });
      else given.push({ setting, value: parsed.value, source: name });
    }
    const [first, ...others] = given;
    const different = others.find(({ value }) => JSON.stringify(value) !== JSON.stringify(first?.value));
    if (first && different) {
      reading.problems.push({
        source: different.source,
        key: setting.path,
        message: `says something else than ${first.source} does; set one of the two`,
      });
    }
    if (first) reading.given.push(first);
  }
  for (const name of Object.keys(env)) {
    if (OURS.test(name) && !known.has(name) && !isServiceLink(name, env[name])) {
      reading.problems.push({ source: name, message: `is not a variable of this server${didYouMean(name, [...known], withoutPrefix)}` });
    }
  }
  return reading;
}

function parseVariable(setting: Setting, name: string, text: string): Parsed {
  const scaled = 'scaled' in setting ? setting.scaled : undefined;
  if (scaled?.name !== name) return parseText(setting, text);
  const parsed = parseText({ ...setting, min: '0', max: '999999999999' } as Setting, text);
  const value = 'wrong' in parsed ? Number.NaN : (parsed.value as number) / scaled.divisor;
  const { min, max } = setting as { min: string; max: string };
  if (value >= Number(min) && value <= Number(max)) return { value };
  const bounds = `from ${Number(min) * scaled.divisor} to ${Number(max) * scaled.divisor}`;
  return { wrong: `${shown(setting, text)} is not accepted; accepted: a number of ${scaled.unit}, ${bounds}` };
}

const isServiceLink = (name: string, value: string | undefined): boolean =>
  SERVICE_LINK.test(name) || (/_PORT$/.test(name) && value !== undefined && /^(tcp|udp):\/\//.test(value));

const withoutPrefix = (name: string): string => name.replace(OURS, '');
