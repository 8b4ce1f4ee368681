// PROTOCOL.md §4: keys live and die with the connection. Looked for in the memory of the server's process itself, which is Linux's to show.
import { beforeAll, describe, expect, it } from 'vitest';

import { frame } from '../support/binary-wire.js';
import { eventually, within } from '../support/deadline.js';
import { createKey, type TestKey } from '../support/keys.js';
import type { AgreedKeys } from '../support/session-keys.js';
import { memoryBytes, SPIED } from '../support/socket-spy.js';
import { startServer, type TestServer } from '../support/start-server.js';
import { countInMemory } from './support/process-memory.js';
import { SecuredClient } from './support/secured-client.js';

const TOOL_LIST = 2;

/** Has used each of its keys, in each way. */
async function openAndTalk(...options: Parameters<typeof SecuredClient.open>): Promise<SecuredClient> {
  const client = await SecuredClient.open(...options);
  await client.ask('tool.list');
  client.send(client.signedFrame(frame({ type: 0, id: 1, method: TOOL_LIST, payload: Buffer.alloc(0) })));
  await client.next();
  for (let id = 2; id < 20; id++) {
    client.send(client.encryptedFrame(frame({ type: 0, id, method: TOOL_LIST, payload: Buffer.alloc(0) })));
    await client.next();
  }
  return client;
}

/** In the order of `keys`, how often each is in the server's memory. */
const find = (server: TestServer, keys: readonly Buffer[]): number[] => countInMemory(server.process.pid, keys);

/** @returns what of these is found, once it is nothing: of one that stays, which shows that what is there is found, the count */
async function areGone(server: TestServer, ended: AgreedKeys, staying: AgreedKeys): Promise<number> {
  const sought = [...Object.values(ended), staying.encToClient] as Buffer[];
  return eventually('an end of the keys', () => leftOf(server, sought), 60_000);
}

describe('the keys of a connection', () => {
  let server: TestServer;
  let staying: SecuredClient;
  beforeAll(async () => {
    server = await startServer({ nodeArgs: SPIED });
    staying = await openAndTalk(server);
  });

  const ends: readonly (readonly [string, (client: SecuredClient, key: TestKey) => Promise<number>])[] = [
    ['is closed', async ({ client }) => (await client.close()).code],
    [
      'is cut off',
      async ({ client }) => {
        client.terminate();
        return (await client.closed).code;
      },
    ],
    [
      'sent a wrong signature',
      async (secured) => {
        secured.send(secured.text('tool.list').replace('tool.list', 'tool.lost'));
        return (await within('close', secured.client.closed)).code;
      },
    ],
    [
      'has its session go on elsewhere',
      async ({ client, session: { session_id, resume_token } }, { key }) => {
        const heir = await server.connect({ key });
        await heir.initialize({ resume: { session_id, resume_token } });
        return (await within('close', client.closed)).code;
      },
    ],
    [
      'has its credential revoked',
      async ({ client }, { id }) => {
        await server.rest('DELETE', `/api/v1/keys/${id}`);
        return (await within('close', client.closed)).code;
      },
    ],
  ];
  const CODES = [1000, 1006, 4401, 4409, 4401];

  it.each(ends.map(([how, end], i) => [how, end, CODES[i]] as const))(
    'are in the server’s memory while it is open, and nowhere in it once it %s',
    async (_, end, code) => {
      const key = await createKey(server);
      const client = await openAndTalk(server, { key: key.key });
      const { secret: _secret, ...keys } = client.keys;
      expect(find(server, Object.values(keys)).map((count) => count > 0)).toEqual([true, true, true, true]);
      expect(await end(client, key)).toBe(code);
      expect(await areGone(server, client.keys, staying.keys)).toBeGreaterThan(0);
    },
    120_000,
  );

  it('are all that is left of what they were made of, also while it is open', async () => {
    const { keys } = await openAndTalk(server);
    const sought = [keys.secret, keys.encToClient];
    expect(await eventually('an end of the secret', () => leftOf(server, sought), 60_000)).toBeGreaterThan(0);
  }, 120_000);
});

/**
 * After a collection: the contexts of OpenSSL that a message was signed with have a copy of its key, and overwrite it when they go.
 *
 * @returns how often the last is found, once none of the others is
 */
async function leftOf(server: TestServer, keys: readonly Buffer[]): Promise<number | undefined> {
  await memoryBytes(server);
  const counts = find(server, keys);
  return counts.slice(0, -1).some((count) => count > 0) ? undefined : counts.at(-1);
}
