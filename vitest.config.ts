// Unit tests stand beside their files; behaviour tests under test/ drive the built server.
import swc from 'unplugin-swc';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  oxc: false,
  plugins: [swc.vite({ module: { type: 'es6' } })],
  test: {
    include: ['src/**/*.spec.ts', 'libs/*/src/**/*.spec.ts', 'test/**/*.spec.ts', '.cache/p/*.spec.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
