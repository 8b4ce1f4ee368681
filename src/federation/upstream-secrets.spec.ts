import { expect, it } from 'vitest';

import { readMcpServers, type McpServer } from '../config/mcp-server.js';
import { upstreamRedactor } from './upstream-secrets.js';

const server = (entry: object): McpServer => readMcpServers({ x: entry }).servers.get('x') as McpServer;

it('takes headers, the query, the environment and a caller’s token out of a text', () => {
  const entry = { url: 'http://a/mcp?key=key-of-query', headers: { Authorization: 'Bearer abcdefgh', Accept2: 'json' } };
  expect(upstreamRedactor(server(entry), 'token-of-a-caller')('Bearer abcdefgh and key-of-query, token-of-a-caller, json')).toBe(
    '[secret] and [secret], [secret], json',
  );
  const env = { KEY: 'longsecret', DEBUG: '1' };
  expect(upstreamRedactor(server({ command: 'x', env }))('KEY=longsecret DEBUG=1')).toBe('KEY=[secret] DEBUG=1');
});
