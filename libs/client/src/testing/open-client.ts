// A client that is connected to a fake server.
import { Client } from '../client.js';
import type { ClientOptions, ConnectionOptions } from '../client-options.js';
import type { InitializeResult } from '../method-map.js';
import { FakeServer } from './fake-server.js';

export const OPTIONS = { url: 'ws://server/ws', name: 'test', key: 'secret' } satisfies ClientOptions;

export async function openClient(
  options: Partial<ConnectionOptions> = {},
  session: Partial<InitializeResult> = {},
  server = new FakeServer(),
): Promise<{ server: FakeServer; client: Client }> {
  const client = new Client(server.platform, { ...OPTIONS, ...options });
  const connected = client.connect();
  await Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  await server.connection.accept(session);
  await connected;
  return { server, client };
}
