// Who the client says it is: keys, tokens and tickets, and what becomes of it when they are no longer good.
import { UpgradeRefusedError } from '@mcpw/client';
import { beforeAll, describe, expect, it } from 'vitest';

import { within } from '../support/deadline.js';
import { signJwt } from '../support/jwt.js';
import { createKey } from '../support/keys.js';
import { startServer, type TestServer } from '../support/start-server.js';
import { inState, open, UNLIMITED, type Door } from './opened-clients.js';

const SECRET = 'a-secret-of-at-least-32-characters';
const CLAIMS = { sub: 'agent-7', tenant: 'acme', scopes: ['tools:read', 'tools:execute'] };

let server: TestServer;

beforeAll(async () => {
  server = await startServer({ config: { ...UNLIMITED, auth: { jwt: { secret: SECRET } } } });
});

async function newTicket(key: string): Promise<string> {
  const answer = await server.rest('POST', '/api/v1/websocket/tickets', undefined, key);
  expect(answer.status).toBe(201);
  return (answer.body as { ticket: string }).ticket;
}

describe.each(['node', 'web'] as Door[])('through the door of %s', (door) => {
  it.each([false, true])('a key is accepted, with security %s', async (security) => {
    const { key, tenant } = await createKey(server, { tenant: 'acme' });
    const client = await open(server, { key, security }, door);
    expect(client.session.principal.tenant).toBe(tenant);
    expect((await client.executeTool('echo', { a: 1 })).status).toBe('completed');
  });

  it.each([false, true])('a token is accepted, with security %s', async (security) => {
    const client = await open(server, { token: () => signJwt(SECRET, CLAIMS), security }, door);
    expect(client.session.principal).toMatchObject({ id: expect.stringContaining('agent-7'), tenant: 'acme' });
    expect((await client.executeTool('echo', { a: 1 })).status).toBe('completed');
  });

  it.each([false, true])('a ticket is accepted, with security %s', async (security) => {
    const { key } = await createKey(server, { tenant: 'acme' });
    const client = await open(server, { ticket: () => newTicket(key), security }, door);
    expect(client.session.principal.tenant).toBe('acme');
    expect((await client.executeTool('echo', { a: 1 })).status).toBe('completed');
  });
});

describe('a credential that is no good', () => {
  it('is told of by its name, and not tried again', async () => {
    const refused = open(server, { key: 'wrong-key-wrong-key-wrong-key-wrong-key' });
    await expect(refused).rejects.toBeInstanceOf(UpgradeRefusedError);
    await expect(refused).rejects.toMatchObject({ status: 401, code: 4001 });
  });

  it('stops the client when it is revoked', async () => {
    const { key, id } = await createKey(server);
    const client = await open(server, { key });
    const events = client.subscribe(['a.*']);
    await events.ready;
    const next = events.next();
    next.catch(() => undefined);
    await server.rest('DELETE', `/api/v1/keys/${id}`);
    await within('end of the client', inState(client, 'closed'));
    await expect(client.executeTool('echo')).rejects.toMatchObject({ name: 'ConnectionLostError', closeCode: 4401 });
    await expect(next).rejects.toMatchObject({ closeCode: 4401 });
  });

  it('that has expired is replaced by a fresh token, and nothing is lost', async () => {
    let fetched = 0;
    // The first is not renewed in time: its function fails once, when the client asks for the next before its end.
    const token = async (): Promise<string> => {
      fetched++;
      if (fetched === 2) throw new Error('the token endpoint is down');
      return signJwt(SECRET, CLAIMS, fetched === 1 ? Math.floor(Date.now() / 1000) + 2 : '5m');
    };
    const client = await open(server, { token, requestTimeoutMs: 20_000 });
    const session = client.session.session_id;
    await within('loss of the connection', inState(client, 'reconnecting'));
    const answer = client.executeTool('echo', { a: 1 });
    await within('next connection', inState(client, 'open'));
    expect((await answer).status).toBe('completed');
    expect(fetched).toBe(3);
    expect(client.session).toMatchObject({ session_id: session, resumed: true });
  });

  it('is replaced before it expires, on the same connection', async () => {
    let fetched = 0;
    const lifetimes = [3, 300];
    const token = (): Promise<string> => signJwt(SECRET, CLAIMS, Math.floor(Date.now() / 1000) + (lifetimes[fetched++] ?? 300));
    const client = await open(server, { token });
    const states: string[] = [];
    client.on('state', ({ state }) => states.push(state));
    await new Promise((resolve) => setTimeout(resolve, 4_000)); // the server's clock is real: the first token is over by then
    expect(fetched).toBe(2);
    expect((await client.executeTool('echo', { a: 1 })).status).toBe('completed');
    expect(states).toEqual([]);
  });

  it('as a ticket that was used cannot come back', async () => {
    const { key } = await createKey(server);
    const client = await open(server, { ticket: await newTicket(key), reconnect: { baseMs: 10 } });
    await server.restart('SIGKILL');
    await within('end of the client', inState(client, 'closed'));
    await expect(client.executeTool('echo')).rejects.toThrow('a ticket is good for one connection');
  });
});

describe('no credential', () => {
  it('is enough where the server asks for none, with security too', async () => {
    const open_ = await startServer({ config: { websocket: { security: { require_auth: false } } } });
    const client = await open(open_, { security: true, url: open_.wsUrl, key: open_.adminKey });
    expect((await client.executeTool('echo', {})).status).toBe('completed');
    const { connect } = await import('@mcpw/client');
    const anonymous = await connect({ url: open_.wsUrl, name: 'nobody', security: true });
    try {
      expect(anonymous.session.principal).toMatchObject({ id: 'anonymous', tenant: 'default' });
      expect((await anonymous.request('tool.list', {})).tools.length).toBeGreaterThan(0);
    } finally {
      await anonymous.close();
    }
  });

  it('is answered with 4401 where the server asks for one', async () => {
    const { connect } = await import('@mcpw/client');
    await expect(connect({ url: server.wsUrl, name: 'nobody' })).rejects.toMatchObject({ code: 4001, name: 'authentication_failed' });
  });
});
