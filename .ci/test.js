// Runs vitest with the arguments given, and closes with one plain line of totals taken from its JSON report.
// Exits with vitest's own status; a run that executed no test, or whose report cannot be read, has failed.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const report = '.cache/test-results.json';
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');

rmSync(report, { force: true });
mkdirSync(dirname(report), { recursive: true });
const run = spawnSync(
  process.execPath,
  [vitest, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...process.argv.slice(2)],
  { stdio: 'inherit' },
);

const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
// A file that could not be loaded has no tests that could fail.
const broken = testResults.filter(
  ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
);
const failed = numFailedTests + broken.length;
for (const { name, message } of broken) console.log(`could not be run: ${name}: ${message.split('\n')[0]}`);
console.log(`\n${numPassedTests} passed, ${failed} failed`);
process.exitCode = run.status !== 0 ? (run.status ?? 1) : failed > 0 || numPassedTests === 0 ? 1 : 0;
