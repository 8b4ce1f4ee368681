// The official conformance suite's command, run against a server, and what it says at its end. No failures are expected of a server
// of this project, so none are named to it.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SUITE = join(import.meta.dirname, '../../../node_modules/@modelcontextprotocol/conformance/dist/index.js');
const WITHIN_MS = 240_000;

export interface Outcome {
  readonly exitCode: number;
  /** Of all scenarios that were run. */
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  /** Those that the revision does not require, and why: `extension`, `pending`, `added-after-release`. */
  readonly notRequired: ReadonlyMap<string, string>;
  readonly output: string;
}

/** @param selection e.g. `['--requirements', '2026-07-28']` */
export async function runConformance(url: string, selection: readonly string[]): Promise<Outcome> {
  // It leaves its results where it is run.
  const cwd = mkdtempSync(join(tmpdir(), 'mcpw-conformance-'));
  try {
    return await new Promise((resolve) => {
      execFile(
        process.execPath,
        [SUITE, 'server', '--url', url, ...selection],
        { cwd, timeout: WITHIN_MS, maxBuffer: 64 * 1024 * 1024, env: { PATH: process.env['PATH'], HOME: process.env['HOME'] } },
        (error, stdout, stderr) => {
          const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
          resolve({ exitCode, ...read(stdout), output: stdout + stderr });
        },
      );
    });
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

function read(output: string): Omit<Outcome, 'exitCode' | 'output'> {
  const scenarios = [...output.matchAll(/^([✓✗]) ([\w-]+): \d+ passed, \d+ failed/gm)];
  const named = (mark: string): string[] => scenarios.filter((match) => match[1] === mark).map((match) => match[2] as string);
  const notRequired = [...output.matchAll(/^ {2}[✓✗] ([\w-]+) \(([\w-]+)\)/gm)].map((match): [string, string] => [
    match[1] as string,
    match[2] as string,
  ]);
  return { passed: named('✓'), failed: named('✗'), notRequired: new Map(notRequired) };
}
