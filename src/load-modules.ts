// Modules of a team's own that the settings name, for a server that is run as it is shipped. Who writes a `main` of their own passes
// theirs to `startServer`.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { ExtensionModule } from './app.module.js';

/** @param files from the working directory. @throws where one cannot be loaded, or exports no module by default */
export async function loadModules(files: readonly string[]): Promise<ExtensionModule[]> {
  return Promise.all(
    files.map(async (file) => {
      const loaded = (await import(pathToFileURL(resolve(file)).href)) as { default?: unknown };
      if (!isModule(loaded.default)) throw new Error(`modules: ${file} has no Nest module as its default export`);
      return loaded.default;
    }),
  );
}

const isModule = (value: unknown): value is ExtensionModule =>
  typeof value === 'function' || (typeof value === 'object' && value !== null && 'module' in value);
