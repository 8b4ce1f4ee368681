// Sources as JavaScript in a folder of a spec's own: threads cannot load TypeScript with decorators.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { transformSync } from '@swc/core';

const PROJECT = resolve(import.meta.dirname, '..', '..');

export interface CompiledThreads {
  /** Of a file under src, by its name there with the ending `.js`, or of one that was written. */
  url(name: string): URL;
  /** Adds a module that can import those under src by `./<folder>/<file>.js`. */
  write(name: string, code: string): void;
  remove(): void;
}

/** @param folders under src that the thread's modules are in. Packages are found: the folder lies inside the project. */
export function compileThreads(...folders: readonly string[]): CompiledThreads {
  const cache = join(PROJECT, '.cache');
  mkdirSync(cache, { recursive: true });
  const directory = mkdtempSync(join(cache, 'threads-'));
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}');
  for (const folder of folders) {
    mkdirSync(join(directory, folder));
    const sources = join(PROJECT, 'src', folder);
    for (const name of readdirSync(sources).filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))) {
      const { code } = transformSync(readFileSync(join(sources, name), 'utf8'), {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          target: 'es2022',
        },
        module: { type: 'es6' },
      });
      writeFileSync(join(directory, folder, name.replace(/\.ts$/, '.js')), code);
    }
  }
  return {
    url: (name) => pathToFileURL(join(directory, name)),
    write: (name, code) => writeFileSync(join(directory, name), code),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
