// Unit tests stand beside their files; behaviour tests under test/ drive the built server.
import { resolve } from 'node:path';

import swc from 'unplugin-swc';
import { defineConfig } from 'vitest/config';

import { LongFirst } from './test/support/long-first.js';

const libs = resolve(import.meta.dirname, 'libs');

export default defineConfig({
  oxc: false,
  plugins: [swc.vite({ module: { type: 'es6' } })],
  // Tests see the packages as they are written, not as they were last built.
  resolve: {
    alias: [
      { find: /^@mcpw\/(protocol|client)$/, replacement: `${libs}/$1/src/index.ts` },
      { find: /^@mcpw\/protocol\/(\w+)$/, replacement: `${libs}/protocol/src/$1/index.ts` },
      { find: /^@mcpw\/client\/(\w+)$/, replacement: `${libs}/client/src/$1.ts` },
    ],
  },
  test: {
    // For what never ends; on a machine that does much else, a test may start two servers of ten seconds each.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    sequence: { sequencer: LongFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['src/**/*.spec.ts', 'libs/*/src/**/*.spec.ts'],
          // Units leave nothing behind, and what they import is evaluated once a worker: anew for each file it took most of the time.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'behaviour',
          include: ['test/**/*.spec.ts'],
          exclude: ['test/performance/**'],
          globalSetup: ['test/support/leftovers.ts', 'test/support/searched-servers.ts'],
          // Each file has a server of its own beside it, on a machine that may have two cores.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          // Servers start hundreds of times: what their modules compile to is kept, which is a sixth of a start.
          env: { NODE_COMPILE_CACHE: resolve(import.meta.dirname, '.cache/compiled') },
        },
      },
      {
        extends: true,
        test: {
          name: 'performance',
          include: ['test/performance/**/*.spec.ts'],
          globalSetup: ['test/support/leftovers.ts', 'test/support/searched-servers.ts'],
          // What is measured runs alone.
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
