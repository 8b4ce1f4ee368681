// One server to a data folder: what one has in memory (subscriptions, limits, tools of agents, recent contexts) another would not know.
// The lock is SQLite's, of an empty database that no transaction ends: the system lets go of it when the process ends, however
// it ends. Commands (`npm run keys`) do not take it; they share the database itself.
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { StartFailure } from './start-failure.js';

/** Room for a server that is being replaced to end; it holds the start. */
const PATIENCE_MS = 3_000;

/**
 * @param patienceMs how long to wait for it
 * @returns lets go of it
 * @throws StartFailure where another server has it
 */
export function lockDataFolder(dataDir: string, patienceMs = PATIENCE_MS): () => void {
  const file = join(dataDir, 'server.lock');
  closeSync(openSync(file, 'a', 0o600));
  const lock = new DatabaseSync(file, { timeout: patienceMs });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    throw new StartFailure(`the data folder ${dataDir} is in use by another server; set MCPW_DATA_DIR to one of its own`, { cause });
  }
  return () => lock.close();
}
