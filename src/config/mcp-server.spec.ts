import { describe, expect, it } from 'vitest';

import { loadConfig } from './load-config.js';
import { readMcpServers } from './mcp-server.js';
import { readOpenApiSources } from './openapi-source.js';

const problemsOf = (servers: Record<string, unknown>): readonly string[] => readMcpServers(servers).problems;

describe('mcpServers', () => {
  it('takes the entries that MCP clients have', () => {
    const { servers, problems } = readMcpServers({
      files: { command: 'node', args: ['server.js', '/tmp'], env: { DEBUG: 1 }, cwd: '/srv' },
      web: { type: 'streamable-http', url: 'https://mcp.example.com/mcp', headers: { Authorization: 'Bearer x' } },
      bare: { url: 'http://localhost:3001/mcp' },
      socket: { type: 'ws', url: 'wss://mcp.example.com/ws', timeout: '5s', tenants: ['acme'], denyTools: ['rm*'] },
      off: { command: 'x', disabled: true },
    });
    expect(problems).toEqual([]);
    expect([...servers.keys()]).toEqual(['files', 'web', 'bare', 'socket']);
    expect(servers.get('files')).toMatchObject({
      type: 'stdio',
      command: 'node',
      args: ['server.js', '/tmp'],
      env: { DEBUG: '1' },
      cwd: '/srv',
    });
    expect(servers.get('web')).toMatchObject({ type: 'http', headers: { Authorization: 'Bearer x' }, forwardCallerToken: false });
    expect(servers.get('bare')).toMatchObject({ type: 'http' });
    expect(servers.get('socket')).toMatchObject({ type: 'ws', tenants: ['acme'], denyTools: ['rm*'], limits: { timeoutMs: 5000 } });
  });

  it.each([
    ['a type that is unknown', { type: 'carrier-pigeon', url: 'http://a' }, 'mcpServers.x.type is "carrier-pigeon"'],
    ['a URL that is none', { url: 'not a url' }, 'mcpServers.x.url is not a URL'],
    ['a URL of another scheme', { url: 'file:///etc/passwd' }, 'mcpServers.x.url is not a URL'],
    ['a password in the URL', { url: 'https://user:secret@a.example/' }, 'mcpServers.x.url is not a URL'],
    ['neither command nor URL', {}, 'mcpServers.x.url is missing'],
    ['arguments that are no list', { command: 'a', args: 'b' }, 'mcpServers.x.args is not a list'],
    ['a header that breaks the line', { url: 'http://a', headers: { a: 'b\r\nc: d' } }, 'mcpServers.x.headers.a has characters'],
    ['a header of the transport', { url: 'http://a', headers: { 'Mcp-Session-Id': '1' } }, 'mcpServers.x.headers.Mcp-Session-Id is set'],
    ['a time that is none', { url: 'http://a', timeout: 'soon' }, 'mcpServers.x.timeout is not a duration'],
    ['a tenant that is none', { url: 'http://a', tenants: ['a:b'] }, 'mcpServers.x.tenants has a name'],
    ['a member that is unknown', { url: 'http://a', timeuot: '1s' }, 'mcpServers.x.timeuot is not a setting; did you mean timeout?'],
    ['an entry that is no map', 5, 'mcpServers.x is not a map'],
  ])('refuses %s', (_, entry, message) => {
    expect(problemsOf({ x: entry })[0]).toContain(message);
  });

  it('never repeats a value that may be a secret', () => {
    const problems = problemsOf({ x: { url: 'http://a', headers: { a: 'top\nsecret' }, env: { K: ['top', 'secret'] } } });
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.join()).not.toContain('secret');
  });
});

describe('references to the environment', () => {
  const yaml = 'mcpServers:\n  web:\n    url: ${env:UPSTREAM_URL}\n    headers: { Authorization: "Bearer ${env:UPSTREAM_TOKEN}" }\n';
  const load = (env: Record<string, string>) => loadConfig({ MCPW_CONFIG: 'm.yaml', ...env }, () => yaml);

  it('are filled from it, and the values do not show when the settings are logged', () => {
    const loaded = load({ UPSTREAM_URL: 'https://a.example/mcp', UPSTREAM_TOKEN: 'hush-hush' });
    if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
    expect(readMcpServers(loaded.config.mcpServers ?? {}).servers.get('web')).toMatchObject({
      url: 'https://a.example/mcp',
      headers: { Authorization: 'Bearer hush-hush' },
    });
    expect(JSON.stringify(loaded.config)).not.toContain('hush-hush');
  });

  it('stop the start when the environment has none, and when what comes of them is wrong', () => {
    expect(load({})).toMatchObject({ problems: [{ message: expect.stringContaining('UPSTREAM_URL, UPSTREAM_TOKEN') as string }] });
    expect(load({ UPSTREAM_URL: 'nonsense', UPSTREAM_TOKEN: 'x' })).toMatchObject({
      problems: [{ source: 'm.yaml:1', message: expect.stringContaining('mcpServers.web.url is not a URL') as string }],
    });
  });
});

describe('openapi', () => {
  it('reads a document with its credentials', () => {
    const { sources, problems } = readOpenApiSources({
      pets: {
        document: './petstore.yaml',
        baseUrl: 'http://127.0.0.1:1/v1',
        auth: { type: 'apiKey', in: 'header', name: 'X-Key', value: 'k' },
      },
    });
    expect(problems).toEqual([]);
    expect(sources.get('pets')).toMatchObject({ auth: { type: 'apiKey', in: 'header', name: 'X-Key', value: 'k' }, denyOperations: [] });
  });

  it.each([
    [{}, 'openapi.x.document is missing'],
    [{ document: 'a', auth: { type: 'oauth2' } }, 'openapi.x.auth.type is none of'],
    [{ document: 'a', auth: { type: 'bearer' } }, 'openapi.x.auth.token is missing'],
    [{ document: 'a', auth: { type: 'apiKey', in: 'cookie', name: 'a', value: 'b' } }, 'openapi.x.auth.in is neither'],
    [{ document: 'a', baseUrl: 'ftp://a' }, 'openapi.x.baseUrl is not an http'],
  ])('refuses %j', (entry, message) => {
    expect(readOpenApiSources({ x: entry }).problems[0]).toContain(message);
  });
});
