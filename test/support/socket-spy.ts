// What the spy in the server printed: see fixtures/socket-spy.mjs.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { eventually } from './deadline.js';
import type { TestServer } from './start-server.js';

/** `nodeArgs` of a server that is spied on. */
export const SPIED = ['--expose-gc', '--import', pathToFileURL(resolve(import.meta.dirname, 'fixtures/socket-spy.mjs')).href];

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each spy prints a shape of its own
export function spied(server: TestServer, kind: string): any[] {
  const lines = server.output.split('\n').filter((line) => line.startsWith(`{"spy":"${kind}"`) && line.endsWith('}'));
  return lines.map((line) => JSON.parse(line) as unknown);
}

/** Bytes of heap and buffers, after a collection. */
export async function memoryBytes(server: TestServer): Promise<number> {
  const asked = spied(server, 'memory').length;
  server.process.signal('SIGUSR2');
  return eventually('memory of the server', () => spied(server, 'memory')[asked]?.bytes as number | undefined);
}
