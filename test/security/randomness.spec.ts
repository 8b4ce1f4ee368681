// What nobody may guess comes from the system's source of randomness: it differs each time, also between two servers whose
// `Math.random` always says the same.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { expect, it } from 'vitest';

import { McpHttp } from '../mcp/support/mcp-http.js';
import { eventually } from '../support/deadline.js';
import { createKey } from '../support/keys.js';
import { spied } from '../support/socket-spy.js';
import { startServer, type TestServer } from '../support/start-server.js';
import { SecuredClient } from './support/secured-client.js';

const TIMES = 3;
const PROBE = pathToFileURL(resolve(import.meta.dirname, 'support/constant-random.mjs')).href;

/** By its kind. */
type Made = Readonly<Record<string, string>>;

/** Of everything that is not to be guessed one that the server has just made. */
async function makeOne(server: TestServer): Promise<Made> {
  const { id, key } = await createKey(server);
  const rotated = (await server.rest('POST', `/api/v1/keys/${id}/rotate`)).body as { key: string };
  const { ticket } = (await server.rest('POST', '/api/v1/websocket/tickets')).body as { ticket: string };
  const secured = await SecuredClient.open(server);
  const { security, resume_token, session_id } = secured.session as {
    security: { public_key: string; nonce: string };
    resume_token: string;
    session_id: string;
  };
  const { nonce = '' } = await secured.ask('tool.list', { limit: 1 });
  const { subscription_id } = (await secured.ask('event.subscribe', { events: ['a.b'] })).result as { subscription_id: string };
  const context = (await secured.ask('context.create', { name: 'x' })).result as { id: string };
  return {
    'the id of an API key': id,
    'the secret of an API key': key,
    'the secret of a rotated key': rotated.key,
    'a ticket': ticket,
    'the server’s public key': security.public_key,
    'its nonce': security.nonce,
    'a key of a session': secured.keys.macToClient.toString('base64url'),
    'a session’s id': session_id,
    'a resume token': resume_token,
    'the nonce of a signed message': nonce,
    'a subscription’s id': subscription_id,
    'a context’s id': context.id,
    'the id of a session of MCP': (await new McpHttp(server).open()).id,
  };
}

it('keys, tickets, tokens, ids and nonces differ, though Math.random is the same each time', async () => {
  const made: Made[] = [];
  for (let i = 0; i < 2; i++) {
    const server = await startServer({ nodeArgs: ['--import', PROBE] });
    server.process.signal('SIGUSR2');
    const [{ values }] = await eventually('the constant', () => (spied(server, 'random').length > 0 ? spied(server, 'random') : undefined));
    expect(values).toEqual([0.5, 0.5]);
    for (let j = 0; j < TIMES; j++) made.push(await makeOne(server));
  }
  for (const kind of Object.keys(made[0] ?? {})) {
    const values = made.map((one) => one[kind] ?? '');
    expect(new Set(values).size, kind).toBe(2 * TIMES);
    // 64 bits or more, in base64url; none of them a counter.
    for (const value of values) expect(value.length, kind).toBeGreaterThanOrEqual(11);
  }
});
