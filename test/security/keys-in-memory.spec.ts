// PROTOCOL.md §4: keys live and die with the connection. Looked for in the memory of the server's process itself, which is Linux's to show.
import { expect, it } from 'vitest';

import { frame } from '../support/binary-wire.js';
import { eventually } from '../support/deadline.js';
import { startServer } from '../support/start-server.js';
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

it('the keys of a connection are in the server’s memory while it is open, and nowhere in it once it is closed', async () => {
  const server = await startServer();
  const [closing, staying] = [await openAndTalk(server), await openAndTalk(server)];
  const ended = Object.values(closing.keys);
  // One of the other's shows that what is there is found.
  const find = (): number[] => countInMemory(server.process.pid, [...ended, staying.keys.encToClient]);
  expect(find().map((count) => count > 0)).toEqual([true, true, true, true, true]);

  await closing.client.close();
  expect(await eventually('an end of the keys', () => endOf(find()), 60_000)).toBeGreaterThan(0);
}, 120_000);

/** @returns how often the last is found, once none of the others is */
function endOf(counts: readonly number[]): number | undefined {
  return counts.slice(0, -1).some((count) => count > 0) ? undefined : counts.at(-1);
}
