import { expect, it } from 'vitest';

import { readMcpServers, type McpServer } from '../config/mcp-server.js';
import { redactor } from './redact.js';

const server = (entry: object): McpServer => readMcpServers({ x: entry }).servers.get('x') as McpServer;

it('takes headers, environment and a caller’s token out of a text, whole and in part', () => {
  const redact = redactor(server({ url: 'http://a', headers: { Authorization: 'Bearer abcdefgh', Accept2: 'json' } }), 'token-of-a-caller');
  expect(redact('sent Authorization: Bearer abcdefgh and abcdefgh, token-of-a-caller, json')).toBe(
    'sent Authorization: [secret] and [secret], [secret], json',
  );
  expect(redactor(server({ command: 'x', env: { KEY: 'longsecret', DEBUG: '1' } }))('KEY=longsecret DEBUG=1')).toBe('KEY=[secret] DEBUG=1');
});
