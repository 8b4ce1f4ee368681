// What the audit log has of MCP: the same as of the server's own protocol, over HTTP and over WebSocket.
import { beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../support/deadline.js';
import { createKey } from '../support/keys.js';
import type { TestServer } from '../support/start-server.js';
import { startPlain } from './support/fixture.js';
import { LEGACY, McpHttp, type McpHttpSession } from './support/mcp-http.js';
import { McpSocket } from './support/mcp-socket.js';

type AuditRecord = Readonly<Record<string, unknown>>;

let server: TestServer;

beforeAll(async () => {
  server = await startPlain({ websocket: { rate_limit: { rate: 1, burst: 5, user_burst: 1000, user_rate: 1000 } } });
});

/** The first record that has all these members. */
const recorded = async (wanted: AuditRecord): Promise<AuditRecord> =>
  eventually('the record', async () => {
    const query = new URLSearchParams({ action: String(wanted['action']), limit: '1000' });
    const { records } = (await server.rest('GET', `/api/v1/audit?${query.toString()}`)).body as { records: AuditRecord[] };
    return records.find((record) => Object.entries(wanted).every(([name, value]) => record[name] === value));
  });

describe('the audit log', () => {
  it('has every call of a tool: who, what, how it ended', async () => {
    const { key, id, tenant } = await createKey(server);
    const [socket, session]: [McpSocket, McpHttpSession] = [
      await McpSocket.open(server, {}, LEGACY, { key }),
      await new McpHttp(server, { key }).open(),
    ];
    await session.request('tools/call', { name: 'echo', arguments: { secret: 'squirrel' } });
    const record = await recorded({ action: 'tool.execute', principal: `key:${id}` });
    expect(record).toMatchObject({
      outcome: 'completed',
      tenant,
      target: 'echo',
      session: expect.any(String),
      duration_ms: expect.any(Number),
    });
    expect(JSON.stringify(record)).not.toContain('squirrel');
    await socket.request('tools/call', { name: 'context_read', arguments: { context_id: 'nothing' } });
    await recorded({ action: 'tool.execute', principal: `key:${id}`, outcome: 'failed', target: 'context_read' });
  });

  it('has who came, and who could not say who they are', async () => {
    const { key, id } = await createKey(server);
    await new McpHttp(server, { key }).modern('server/discover');
    await recorded({ action: 'authenticate', outcome: 'ok', principal: `key:${id}` });
    await new McpHttp(server, { key: null }).modern('server/discover');
    await recorded({ action: 'authenticate', outcome: 'authentication_failed', target: 'none', address: '127.0.0.1' });
    await new McpHttp(server, { key: 'wrong' }).modern('server/discover');
    await recorded({ action: 'authenticate', outcome: 'authentication_failed', target: 'unknown' });
  });

  it('has what somebody may not', async () => {
    const { key, id } = await createKey(server, { scopes: ['tools:read'] });
    await new McpHttp(server, { key }).modern('tools/call', { name: 'echo' });
    const refused = { action: 'refuse', outcome: 'forbidden', principal: `key:${id}` };
    await recorded({ ...refused, target: 'tools/call' });
    const socket = await McpSocket.connect(server, { key });
    await socket.modern('resources/read', { uri: 'context://x' });
    await recorded({ ...refused, target: 'resources/read' });
    await new McpHttp(server, { key, headers: { origin: 'https://evil.example.com' } }).modern('server/discover');
    await recorded({ action: 'connect', outcome: 'forbidden', address: '127.0.0.1' });
  });

  it('has who asks too much, and who was sent away for it', async () => {
    const [hasty, stubborn] = [await createKey(server), await createKey(server)];
    const http = new McpHttp(server, { key: hasty.key });
    await eventually('a refusal', async () => ((await http.modern('server/discover')).status === 429 ? true : undefined), 10_000, 0);
    await recorded({ action: 'refuse', outcome: 'rate_limited', principal: `key:${hasty.id}`, address: '127.0.0.1' });
    const socket = await McpSocket.connect(server, { key: stubborn.key });
    for (let i = 0; i < 300; i++) socket.notify('notifications/none_such');
    expect((await socket.end()).code).toBe(4429);
    await recorded({ action: 'close', outcome: '4429', principal: `key:${stubborn.id}` });
  });
});
