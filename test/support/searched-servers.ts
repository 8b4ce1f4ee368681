// All that the servers of a test run write, their logs and audit files, is searched for the secrets that they were told: at the end of
// each server, by who started it. What was found is noted, and vitest's global teardown fails the run for it; so it does where a server
// was not searched, and where the whole suite has searched none.
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { TestProject } from 'vitest/node';

import { leaksIn } from './planted-secrets.js';

const NOTES = 'MCPW_TEST_SEARCHED';
const BEGUN = 'begun: ';
const CLEAN = 'clean';

/** One start of a server. */
export interface Search {
  /** @param written what it wrote, by where it is */
  end(written: Readonly<Record<string, string>>): void;
}

/** @returns undefined where no test run would hear of what is found */
export function beginSearch(): Search | undefined {
  const folder = process.env[NOTES];
  if (folder === undefined) return undefined;
  const note = join(folder, randomUUID());
  const spec = specThatCalls();
  writeFileSync(note, BEGUN + spec);
  return { end: (written) => writeFileSync(note, verdict(spec, written)) };
}

/** The files of the audit log, as they are. */
export function auditOf(dataDir: string): string {
  const folder = join(dataDir, 'audit');
  if (!existsSync(folder)) return '';
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(folder, entry.name), 'utf8'))
    .join('\n');
}

export function verdict(spec: string, written: Readonly<Record<string, string>>): string {
  const leaks = Object.entries(written).flatMap(([where, text]) =>
    leaksIn(text).map(({ kind, excerpt }) => `${spec}: ${kind} is in ${where}: …${excerpt}…`),
  );
  return leaks.length === 0 ? CLEAN : leaks.join('\n');
}

/** @returns what is wrong with a run that left these notes */
export function problemsOf(notes: readonly string[], isWholeSuite: boolean): string[] {
  const problems = notes
    .filter((note) => note !== CLEAN)
    .map((note) => (note.startsWith(BEGUN) ? `${note.slice(BEGUN.length)}: a server was not searched` : note));
  if (isWholeSuite && notes.length === 0) problems.push('no server was searched');
  return problems;
}

/** Vitest's global setup. */
export function setup(project: TestProject): (() => Promise<void>) | undefined {
  // Each project has its setup, before all tests; one folder is for all.
  if (process.env[NOTES] !== undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'mcpw-searched-'));
  process.env[NOTES] = folder;
  return async () => {
    const notes = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
    rmSync(folder, { recursive: true });
    const problems = problemsOf(notes, await isWholeSuite(project));
    if (problems.length > 0) throw new Error(`secrets in what servers wrote:\n${problems.join('\n')}`);
  };
}

/** A run of single files or tests may have no use for a server. */
async function isWholeSuite(project: TestProject): Promise<boolean> {
  const { testFiles } = await project.globTestFiles();
  const ran = new Set(project.vitest.state.getFilepaths());
  return project.config.testNamePattern === undefined && testFiles.every((file) => ran.has(file));
}

function specThatCalls(): string {
  return /test\/[\w./-]+\.spec\.ts/.exec(new Error().stack ?? '')?.[0] ?? 'a spec';
}
