// Why the server does not start, where it is for whoever starts it to mend: a sentence, and no stack.
import { resolve } from 'node:path';

import { Failure } from './extension/failure.js';
import { databaseFile } from './storage/connection.js';
import { ThreadRefusal } from './storage/thread-messages.js';

export class StartFailure extends Error {
  override readonly name = 'StartFailure';
}

/** The error of listening, as a sentence that names the setting; undefined where it is another error. */
export function listenFailure(error: unknown, host: string, port: number): StartFailure | undefined {
  const reason = REASONS[(error as NodeJS.ErrnoException | undefined)?.code ?? ''];
  if (reason === undefined) return undefined;
  return new StartFailure(`cannot listen on ${host}:${port}: ${reason}`, { cause: error });
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program does; set PORT to a free one',
  EACCES: 'this user may not; set PORT to one above 1023',
  EADDRNOTAVAIL: 'the host is no address of this machine; set HOST to one',
  ENOTFOUND: 'the host is not known; set HOST to an address of this machine',
};

/** The error of what is kept in the data folder, as a sentence; undefined where it is another error. */
export function dataFailure(error: unknown, dataDir: string): StartFailure | undefined {
  const { code = '', path, message } = (error ?? {}) as NodeJS.ErrnoException;
  if (error instanceof ThreadRefusal)
    return new StartFailure(`the database ${databaseFile(dataDir)} cannot be used: ${message}`, { cause: error });
  // Of a read or a write: a sentence already.
  if (error instanceof Failure) return new StartFailure(message, { cause: error });
  if (NO_ROOM.has(code) || (path !== undefined && resolve(path).startsWith(resolve(dataDir))))
    return new StartFailure(`the data folder ${dataDir} cannot be used: ${message}`, { cause: error });
  return undefined;
}

/** A write says no path. */
const NO_ROOM = new Set(['ENOSPC', 'EDQUOT']);
