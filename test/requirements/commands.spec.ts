// The guide's commands. That they do what they say is shown by what they run: here, that they run it.
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');

/** What make would run. */
function dryRun(...target: string[]): string {
  return execFileSync('make', ['--dry-run', '--no-print-directory', ...target], { cwd: ROOT, encoding: 'utf8' });
}

describe('the commands of the guide', () => {
  it('are built for only where there is something to build', () => {
    const build = (): void => void execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: 'inherit' });
    build();
    const made = ['dist/main.js', 'dist/.tsbuildinfo', 'dist/examples/billing/server.js', 'libs/client/dist/index.js'].map((path) =>
      join(ROOT, path),
    );
    const times = made.map((path) => statSync(path).mtimeMs);
    build();
    expect(made.map((path) => statSync(path).mtimeMs)).toEqual(times);
  });

  it('make test-websocket runs the unit tests', () => {
    expect(dryRun('test-websocket')).toContain('npm run --silent test:unit');
  });

  it('make test-functional-websocket runs the behaviour tests on the built server', () => {
    expect(dryRun('test-functional-websocket')).toMatch(/npm run --silent build\n[^]*npm run --silent test:behaviour/);
  });

  it('make test-websocket-performance measures what a message costs', () => {
    expect(dryRun('test-websocket-performance')).toMatch(/npm run --silent build\n[^]*npm run --silent bench -- --short/);
  });

  it('make test-websocket-load sends 100 messages on each of 10 connections', () => {
    expect(dryRun('test-websocket-load')).toMatch(/npm run --silent load -- --connections 10 --messages 100\n/);
  });

  it('make test-websocket-load-custom takes CONNECTIONS, MESSAGES and DURATION', () => {
    expect(dryRun('test-websocket-load-custom', 'CONNECTIONS=50', 'MESSAGES=200', 'DURATION=120')).toMatch(
      /npm run --silent load -- --connections 50 --messages 200 --duration 120\n/,
    );
  });
});
