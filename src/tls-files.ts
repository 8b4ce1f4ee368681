// The certificate and its key, from the files that the settings name; read at start, and again when the operator says so.
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';

import type { Config } from './config/config.js';
import { StartFailure } from './start-failure.js';

export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/**
 * @returns undefined where none are set
 * @throws StartFailure naming the setting where a file cannot be read, or the two do not belong together
 */
export function readTlsFiles({ cert, key }: Config['tls']): TlsFiles | undefined {
  if (cert === undefined || key === undefined) return undefined;
  const files = { cert: readSetting('tls.cert', cert), key: readSetting('tls.key', key) };
  try {
    createSecureContext(files);
  } catch (cause) {
    throw new StartFailure(`tls.cert ${cert} and tls.key ${key} do not serve: ${(cause as Error).message}`, { cause });
  }
  return files;
}

function readSetting(name: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new StartFailure(`${name} ${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
}
