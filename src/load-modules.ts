// Modules of a team's own that the settings name, for a server that is run as it is shipped. Who writes a `main` of their own passes
// theirs to `runServer`.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { ExtensionModule } from './app.module.js';
import { StartFailure } from './start-failure.js';

/**
 * @param files from the working directory
 * @throws StartFailure naming the file where one is not there or exports no module by default; what a file throws itself, as it is
 */
export async function loadModules(files: readonly string[]): Promise<ExtensionModule[]> {
  return Promise.all(
    files.map(async (file) => {
      const { default: exported } = await importFile(file);
      if (!isModule(exported)) throw new StartFailure(`modules: ${file} has no Nest module as its default export`);
      return exported;
    }),
  );
}

async function importFile(file: string): Promise<{ readonly default?: unknown }> {
  const path = resolve(file);
  try {
    return (await import(pathToFileURL(path).href)) as { default?: unknown };
  } catch (cause) {
    // Node found no file, or none that it runs. A mistake in the file's own code keeps its stack: that is for who wrote it.
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code?.startsWith('ERR_') === true) throw new StartFailure(`modules: ${file} (${path}) cannot be loaded: ${message}`, { cause });
    throw cause;
  }
}

const isModule = (value: unknown): value is ExtensionModule =>
  typeof value === 'function' || (typeof value === 'object' && value !== null && 'module' in value);
