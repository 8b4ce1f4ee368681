// Clients of a test, closed when it is over.
import { connect, type Client, type ClientOptions, type ConnectionOptions, type CredentialOptions } from '@mcpw/client';
import { connect as connectAsInBrowsers } from '@mcpw/client/web';
import { afterEach } from 'vitest';

import type { TestServer } from '../support/start-server.js';

/** Which door of the package: Node's, or that of browsers, whose WebSocket and cryptography Node has too. */
export type Door = 'node' | 'web';

const opened = new Set<Client>();

afterEach(async () => {
  await Promise.all([...opened].map((client) => client.close()));
  opened.clear();
});

/** A client with the admin key unless another credential is given. */
export async function open(
  server: TestServer,
  options: Partial<ConnectionOptions> & CredentialOptions = {},
  door: Door = 'node',
): Promise<Client> {
  const { key, token, ticket } = options;
  const hasCredential = [key, token, ticket].some((credential) => credential !== undefined);
  const named = { url: server.wsUrl, name: 'test-client', ...options };
  const all: ClientOptions = hasCredential ? named : { ...named, key: server.adminKey, token: undefined, ticket: undefined };
  const client = await (door === 'node' ? connect : connectAsInBrowsers)(all);
  opened.add(client);
  return client;
}

/** Resolves when the client is in this state. */
export function inState(client: Client, wanted: Client['state']): Promise<void> {
  if (client.state === wanted) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = client.on('state', ({ state }) => {
      if (state !== wanted) return;
      stop();
      resolve();
    });
  });
}

/** No limit that a test would meet by accident. */
export const UNLIMITED = { websocket: { rate_limit: { rate: 100_000, burst: 100_000, handshakes_per_minute: 100_000 } } };
