// The server's settings for specs: the defaults, and what a spec sets as an operator would, by environment variables.
import type { Config } from '../../config/config.js';
import { loadConfig } from '../../config/load-config.js';

export function testConfig(env: Readonly<Record<string, string>> = {}): Config {
  const loaded = loadConfig(env);
  if ('problems' in loaded) throw new Error(loaded.problems.map(({ message }) => message).join('\n'));
  return loaded.config;
}
