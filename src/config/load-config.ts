// Where the settings come from: defaults, then the YAML file that `MCPW_CONFIG` names, then the environment.
// The only reader of `process.env`.
import { readFileSync } from 'node:fs';

import { assembleConfig } from './assemble-config.js';
import type { Config } from './config.js';
import type { ConfigProblem } from './config-problem.js';
import { crossCheck } from './cross-checks.js';
import { CLIENT_KEY_VARIABLE, CONFIG_FILE_VARIABLE, readEnvironment, type Environment } from './environment.js';
import { fillFromEnvironment } from './environment-reference.js';
import type { GivenValue, Reading } from './given-value.js';
import { parseMap } from './setting-kind.js';
import { SETTINGS } from './settings.js';
import { readYaml } from './yaml-file.js';

export type LoadedConfig = { readonly config: Config } | { readonly problems: readonly ConfigProblem[] };

/**
 * All problems are found before any is told. Never throws for what an operator wrote.
 * @param readFile text of a file; throws where it cannot be read
 */
export function loadConfig(
  env: Environment = process.env,
  readFile: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): LoadedConfig {
  const file = readConfigFile(env, readFile);
  const environment = readEnvironment(env, SETTINGS);
  const problems = [...file.problems, ...environment.problems];

  const given = [...file.given, ...environment.given].map((value) => withReferences(value, env, problems));
  const values = new Map(given.map(({ setting, value }) => [setting.path, value]));
  const sources = new Map(given.map(({ setting, source }) => [setting.path, source]));
  const config = assembleConfig(values, SETTINGS);
  problems.push(...crossCheck(config, (path) => sources.get(path) ?? 'default'));
  return problems.length === 0 ? { config } : { problems };
}

/** The credential that commands connect with; undefined where none is set. */
export function clientKey(env: Environment = process.env): string | undefined {
  const key = env[CLIENT_KEY_VARIABLE]?.trim();
  return key === '' ? undefined : key;
}

/** A map with the environment's values in it, checked once more now that they are known. */
function withReferences(given: GivenValue, env: Environment, problems: ConfigProblem[]): GivenValue {
  const { setting, value, source } = given;
  if (setting.kind !== 'map') return given;
  const { map, missing } = fillFromEnvironment(value as Readonly<Record<string, unknown>>, env);
  const refuse = (message: string): void => void problems.push({ source, key: setting.path, message });
  if (missing.length > 0) refuse(`names variables that are not set: ${missing.join(', ')}`);
  const parsed = parseMap(setting, map);
  if ('wrong' in parsed) refuse(parsed.wrong);
  return { ...given, value: map };
}

function readConfigFile(env: Environment, readFile: (path: string) => string): Reading {
  const path = env[CONFIG_FILE_VARIABLE];
  if (path === undefined || path === '') return { given: [], problems: [] };
  try {
    return readYaml(readFile(path), path, SETTINGS);
  } catch (error) {
    const message = `names the file ${JSON.stringify(path)}, which cannot be read: ${(error as Error).message}`;
    return { given: [], problems: [{ source: CONFIG_FILE_VARIABLE, message }] };
  }
}
