// Two tenants on one server: one that has something of everything, in use, and one that wants it.
import { resolve } from 'node:path';

import { ALL_SCOPES, createKey, type TestKey } from '../../support/keys.js';
import { startServer, type TestServer } from '../../support/start-server.js';
import type { TestClient } from '../../support/test-client.js';
import { McpHttp, type McpHttpSession } from '../../mcp/support/mcp-http.js';

const DOCUMENT = resolve(import.meta.dirname, '../../federation/fixtures/petstore.yaml');

export const OWNER = 'acme';
export const STRANGER = 'globex';
/** In every text of the owner's that has contents. */
export const MARK = 'zanzibar';
const TOOL = 'owners_tool';
/** An upstream of the file that both see. */
export const SHARED = 'shared';

export interface TwoTenants {
  readonly server: TestServer;
  /** All of the owner's. */
  readonly owner: Owner;
  /** Admins and agents of the other tenant, and an agent of the owner's own. */
  readonly strangers: { readonly admin: TestKey; readonly agent: TestKey };
  readonly colleague: TestKey;
}

export interface Owner {
  readonly admin: TestKey;
  readonly agent: TestKey;
  /** A second agent, which nobody uses. */
  readonly idle: TestKey;
  /** Subscribed to everything, and executing the tool. */
  readonly client: TestClient;
  /** Offers the tool, and does not answer. */
  readonly toolAgent: TestClient;
  readonly mcpSession: McpHttpSession;
  /** Ids that others may try, by what they are of. */
  readonly ids: Ids;
}

export interface Ids {
  readonly context: string;
  readonly item: string;
  readonly contextCursor: string;
  readonly eventCursor: string;
  readonly subscription: string;
  readonly session: string;
  readonly resumeToken: string;
  readonly idempotencyKey: string;
  /** Of the caller's `tool.execute`. */
  readonly request: string;
  /** Of the server's own, to the agent. */
  readonly forwarded: string;
  readonly tool: string;
  readonly key: string;
  readonly upstream: string;
  readonly upstreamTool: string;
  /** Of the operator's file, for the owner only. */
  readonly fileUpstream: string;
  readonly fileUpstreamTool: string;
  readonly apiTool: string;
  readonly mcpSession: string;
  readonly tenant: string;
  /** Names of sources. */
  readonly upstreamName: string;
  readonly fileUpstreamName: string;
  readonly apiName: string;
}

/** Of the same form, and nobody's. */
export function madeUp(ids: Ids): Ids {
  return Object.fromEntries(Object.entries(ids).map(([name, id]: [string, string]) => [name, otherThan(name, id)])) as unknown as Ids;
}

/** Cursors and numbers of items are positions, which have no owner: nobody's have another form. */
function otherThan(name: string, id: string): string {
  if (name.endsWith('Cursor') || name === 'item') return id;
  const tail = id
    .slice(-5)
    .replace(/[A-Za-z0-9]/g, (letter) => (/\d/.test(letter) ? String(9 - Number(letter)) : letter === 'q' ? 'w' : 'q'));
  return id.slice(0, -5) + tail;
}

/** @param upstreamUrl of an MCP server that the owner adds, and that the operator's file has for it under another name */
export async function twoTenants(upstreamUrl: string): Promise<TwoTenants> {
  const server = await startServer({
    config: {
      websocket: { rate_limit: { enabled: false } },
      federation: { allowed_hosts: ['127.0.0.1'] },
      mcp: { authorization_servers: ['https://login.example.com'] },
      mcpServers: {
        [`${MARK}file`]: { url: upstreamUrl, tenants: [OWNER] },
        [SHARED]: { url: upstreamUrl, tenants: [OWNER, STRANGER], allowTools: ['echo'] },
      },
      openapi: { [`${MARK}api`]: { document: DOCUMENT, baseUrl: upstreamUrl, tenants: [OWNER] } },
    },
  });
  const [admin, agent, idle, colleague] = await Promise.all([
    createKey(server, { tenant: OWNER, scopes: ['admin'], name: `${MARK} admin` }),
    createKey(server, { tenant: OWNER, name: `${MARK} agent` }),
    createKey(server, { tenant: OWNER, name: `${MARK} idle` }),
    createKey(server, { tenant: OWNER }),
  ]);
  const strangers = {
    admin: await createKey(server, { tenant: STRANGER, scopes: ['admin'] }),
    agent: await createKey(server, { tenant: STRANGER, scopes: ALL_SCOPES }),
  };
  for (const path of ['tenants/acme', `keys/${agent.id}`, `tools/${TOOL}?tenant=${OWNER}`])
    await server.rest('PUT', `/api/v1/limits/${path}`, { rate: 1000, burst: 10_000 });
  const upstream = await server.rest('POST', '/api/v1/upstreams', { name: `${MARK}up`, url: upstreamUrl }, admin.key);
  if (upstream.status !== 201) throw new Error(`no upstream: ${JSON.stringify(upstream.body)}`);

  const client = await server.connect({ key: agent.key });
  const session = await client.initialize();
  const { subscription_id: subscription } = await client.call('event.subscribe', { events: ['**'] });
  const idempotencyKey = `order-${MARK}-4711`;
  const content = [{ role: 'user', content: `the ${MARK} plans` }];
  const made = await client.call('context.create', { name: `${MARK} one`, content }, { idempotency_key: idempotencyKey });
  for (const name of ['two', 'three']) await client.call('context.create', { name: `${MARK} ${name}`, content: MARK });
  const page = await client.call('context.list', { limit: 1 });
  const { items } = await client.call('context.get', { context_id: made.id });
  const { cursor: eventCursor } = await client.call('event.publish', { event: 'plans.changed', data: { text: MARK } });

  const toolAgent = await server.client({ key: agent.key }, { capabilities: { tools: true } });
  await toolAgent.call('tool.register', { tools: [{ name: TOOL, description: `knows of ${MARK}`, inputSchema: { type: 'object' } }] });
  const { id: request, answer } = client.begin('tool.execute', { name: TOOL, arguments: { text: MARK } });
  answer.catch(() => undefined); // its connection ends with the test
  const forwarded = await toolAgent.nextRequest('tool.execute');
  const mcpSession = await new McpHttp(server, { key: agent.key }).open();

  const ids: Ids = {
    context: made.id as string,
    item: items[0].id as string,
    contextCursor: page.next_cursor as string,
    eventCursor: eventCursor as string,
    subscription: subscription as string,
    session: session.session_id as string,
    resumeToken: session.resume_token as string,
    idempotencyKey,
    request: String(request),
    forwarded: String(forwarded.id),
    tool: TOOL,
    key: agent.id,
    upstream: upstream.body.id as string,
    upstreamTool: `${MARK}up.echo`,
    fileUpstream: `file.${MARK}file`,
    fileUpstreamTool: `${MARK}file.echo`,
    apiTool: `${MARK}api.listPets`,
    mcpSession: mcpSession.id,
    tenant: OWNER,
    upstreamName: `${MARK}up`,
    fileUpstreamName: `${MARK}file`,
    apiName: `${MARK}api`,
  };
  return { server, owner: { admin, agent, idle, client, toolAgent, mcpSession, ids }, strangers, colleague };
}

/** What nobody may ever be told who is not of the owner's tenant: contents, and ids but those that they tried themselves. */
export function secretsOf({ owner, colleague }: TwoTenants): string[] {
  const { ids } = owner;
  const principals = [owner.admin, owner.agent, owner.idle, colleague].map(({ id }) => id);
  return [MARK, ids.context, ids.subscription, ids.session, ids.resumeToken, ids.mcpSession, ids.upstream, ids.tool, ...principals];
}
