// One server to a data folder: what one has in memory (subscriptions, limits, tools of agents, recent contexts) another would not know.
// The lock is SQLite's, of an empty database that no transaction ends: the system lets go of it when the process ends, however
// it ends. Commands (`npm run keys`) do not take it; they share the database itself.
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { StartFailure } from './start-failure.js';

/** SQLite's error where another has the lock. */
const BUSY = 5;
/** Room for a server that is being replaced to end; it holds the start. */
const PATIENCE_MS = 3_000;

/**
 * @param patienceMs how long to wait for it
 * @returns lets go of it
 * @throws StartFailure where another server has it, or it cannot be had; Error where its file cannot be made
 */
export function lockDataFolder(dataDir: string, patienceMs = PATIENCE_MS): () => void {
  const file = join(dataDir, 'server.lock');
  closeSync(openSync(file, 'a', 0o600));
  const lock = new DatabaseSync(file, { timeout: patienceMs });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    const { errcode, message } = cause as Error & { errcode?: number };
    if (errcode !== BUSY) throw new StartFailure(`the data folder ${dataDir} cannot be used: ${file}: ${message}`, { cause });
    throw new StartFailure(`the data folder ${dataDir} is in use by another server; set MCPW_DATA_DIR to one of its own`, { cause });
  }
  return () => lock.close();
}
