// The server as a process: its settings and modules, and what is told where it does not start. main.ts runs it as it is shipped; a team's
// own entry runs it with modules of its own. How it runs and ends is serve.ts.
import type { ExtensionModule } from './app.module.js';
import { describeProblems } from './config/config-problem.js';
import { loadConfig } from './config/load-config.js';
import { loadModules } from './load-modules.js';
import { Signals } from './signals.js';
import { StartFailure } from './start-failure.js';

const EXIT_FAILED = 1;

export interface RunOptions {
  /** A team's own, beside those that the setting `modules` names. Default: none. */
  readonly modules?: readonly ExtensionModule[];
}

/**
 * Runs the server until the process ends; resolves when it listens. Reads the settings, prints the log as JSON lines and the admin key of
 * a first start once. SIGTERM and SIGINT drain and exit with 0, a second one ends it at once, by SIGKILL; SIGHUP reads the certificate anew.
 * Never throws: what keeps it from starting is told on standard error, and the process exits with 1.
 */
export async function runServer({ modules = [] }: RunOptions = {}): Promise<void> {
  try {
    await run(modules);
  } catch (error) {
    console.error(error instanceof StartFailure ? `The server does not start: ${error.message}` : error);
    process.exit(EXIT_FAILED);
  }
}

async function run(modules: readonly ExtensionModule[]): Promise<void> {
  const signals = new Signals();
  const loaded = loadConfig();
  if ('problems' in loaded) {
    console.error(describeProblems(loaded.problems));
    process.exit(EXIT_FAILED);
  }
  const named = await loadModules(loaded.config.modules);
  // Only now: what is wrong with the settings is told in a quarter of a second then, in place of two.
  const { serve } = await import('./serve.js');
  await serve({ ...loaded, modules: [...modules, ...named] }, signals);
}
