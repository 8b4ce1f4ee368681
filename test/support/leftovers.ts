// Finds servers that outlived their test run. Each is noted by its process id while it runs; vitest's global teardown,
// which also runs after a worker has died, ends those that are left and fails the run.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NOTES = 'MCPW_TEST_NOTES';

export function noteStarted(pid: number): void {
  const folder = process.env[NOTES];
  if (folder !== undefined) writeFileSync(join(folder, String(pid)), '');
}

/** The server has ended; its note stays if its process group has not. */
export function noteStopped(pid: number): void {
  const folder = process.env[NOTES];
  if (folder !== undefined && !groupLives(pid)) rmSync(join(folder, String(pid)), { force: true });
}

/** Vitest's global setup. */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'mcpw-notes-'));
  process.env[NOTES] = folder;
  return () => {
    const left = readdirSync(folder).map(Number).filter(groupLives);
    for (const pid of left) process.kill(-pid, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
    if (left.length > 0) throw new Error(`servers left running by tests: process groups ${left.join(', ')}`);
  };
}

function groupLives(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}
