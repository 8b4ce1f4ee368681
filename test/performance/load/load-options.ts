// What to put on the server, read from the command line. Not how: load-run.ts.
import { parseArgs } from 'node:util';

import { ENCODINGS, type Encoding } from '../../support/message.js';

export interface LoadOptions {
  readonly connections: number;
  /** Messages of each connection. */
  readonly messages: number;
  /** Over how long each connection's messages are spread evenly; undefined: as fast as they are answered. */
  readonly durationMs: number | undefined;
  /** Messages of one connection that may wait for their answers at the same time. */
  readonly inFlight: number;
  readonly encoding: Encoding;
  /** Of a server that runs already, e.g. `ws://localhost:8080/ws`; undefined: one of our own. */
  readonly url: string | undefined;
  readonly key: string | undefined;
}

export const USAGE = `Puts load on an MCPW server and prints what came of it.

  --connections N   connections (10)
  --messages N      messages of each connection (100)
  --duration S      spread each connection's messages over S seconds (as fast as they are answered)
  --in-flight N     messages of a connection that wait for answers at a time (16)
  --encoding E      ${ENCODINGS.join(' or ')} (json)
  --url URL         a server that runs already, with its key in --key or MCPW_KEY (a server of its own)`;

/** @throws Error with a sentence for the user */
export function readOptions(args: readonly string[], env: NodeJS.ProcessEnv): LoadOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      connections: { type: 'string', default: '10' },
      messages: { type: 'string', default: '100' },
      duration: { type: 'string', default: '' },
      'in-flight': { type: 'string', default: '16' },
      encoding: { type: 'string', default: 'json' },
      url: { type: 'string' },
      key: { type: 'string' },
    },
  });
  const encoding = ENCODINGS.find((known) => known === values.encoding);
  if (encoding === undefined) throw new Error(`--encoding is ${ENCODINGS.join(' or ')}`);
  return {
    connections: positive('--connections', values.connections),
    messages: positive('--messages', values.messages),
    durationMs: values.duration === '' ? undefined : positive('--duration', values.duration) * 1_000,
    inFlight: positive('--in-flight', values['in-flight']),
    encoding,
    url: values.url,
    key: values.key ?? env['MCPW_KEY'],
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name} is a whole number from 1 up, not ${text}`);
  return value;
}
