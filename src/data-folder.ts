// The data folder: made for its owner alone, and made so where it was open to others.
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';

import { StartFailure } from './start-failure.js';
import { databaseFile } from './storage/connection.js';

const OWNER_ONLY = 0o700;
const OTHERS = 0o077;

/**
 * @returns what an operator should know; undefined where all is well
 * @throws StartFailure where it cannot be made
 */
export function secureDataFolder(dataDir: string): string | undefined {
  try {
    makeFolder(dataDir);
  } catch (cause) {
    throw new StartFailure(`the data folder ${dataDir} cannot be made: ${(cause as Error).message}`, { cause });
  }
  if ((statSync(dataDir).mode & OTHERS) === 0) return undefined;
  const open = `the data folder ${dataDir} is open to other users of this machine`;
  // A folder that holds other things as well (say /tmp) is not ours to close.
  if (!isOurs(dataDir)) return `${open}, and holds things of others; its files are not, but give the server a folder of its own`;
  try {
    chmodSync(dataDir, OWNER_ONLY);
    return undefined;
  } catch (error) {
    return `${open}, and cannot be closed to them: ${(error as Error).message}`;
  }
}

/** Not mkdir's own `recursive`, which below /proc asks for ever (Node 24). */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder, { mode: OWNER_ONLY });
}

function isOurs(dataDir: string): boolean {
  const names = readdirSync(dataDir);
  return names.length === 0 || names.includes(basename(databaseFile(dataDir)));
}
