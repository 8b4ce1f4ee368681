// The official conformance suite of MCP, run through the gateway: with the profile that anybody can start by hand (docs/mcp.md), and with
// a server behind the gateway that nobody here wrote.
import { resolve } from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../support/deadline.js';
import { startServer, type TestServer } from '../support/start-server.js';
import { runConformance } from './support/conformance-suite.js';
import { LEGACY, MODERN } from './support/mcp-http.js';

const ROOT = resolve(import.meta.dirname, '../..');
const WITHIN_MS = 300_000;

describe('the profile of the conformance suite', () => {
  let server: TestServer;

  beforeAll(async () => {
    // As `MCPW_CONFIG=test/conformance/mcp.yaml npm start`.
    server = await startServer({ cwd: ROOT, env: { MCPW_CONFIG: 'test/conformance/mcp.yaml', MCPW_MCPSERVERS: '' } });
    await upstreamIsThere(server);
  });

  it.each([
    [MODERN, 30],
    [LEGACY, 30],
  ])(
    'meets all that revision %s requires',
    async (revision, atLeast) => {
      const { exitCode, passed, failed, notRequired, output } = await runConformance(`${server.url}/mcp`, ['--requirements', revision]);
      expect(
        failed.filter((scenario) => !notRequired.has(scenario)),
        output,
      ).toEqual([]);
      // Of what is not required, only the extension for tasks is missing.
      expect(failed.filter((scenario) => !scenario.startsWith('tasks-'))).toEqual([]);
      expect(passed.filter((scenario) => !notRequired.has(scenario)).length).toBeGreaterThanOrEqual(atLeast);
      expect(exitCode).toBe(0);
    },
    WITHIN_MS,
  );
});

describe('server-everything behind the gateway', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer({
      cwd: ROOT,
      config: {
        websocket: { security: { require_auth: false }, rate_limit: { enabled: false } },
        mcpServers: { everything: { command: 'npx', args: ['--no-install', '@modelcontextprotocol/server-everything', 'stdio'] } },
      },
    });
    await upstreamIsThere(server);
  });

  // Those that ask for no tool, resource or prompt of a name of the suite's own.
  it.each([
    [MODERN, ['tools-list', 'resources-list', 'prompts-list', 'caching', 'http-header-validation', 'dns-rebinding-protection']],
    [
      LEGACY,
      ['server-initialize', 'ping', 'logging-set-level', 'tools-list', 'resources-list', 'prompts-list', 'server-session-lifecycle'],
    ],
  ])(
    'meets what revision %s asks of any server',
    async (revision, scenarios) => {
      const { passed, output } = await runConformance(`${server.url}/mcp`, ['--requirements', revision]);
      expect(passed, output).toEqual(expect.arrayContaining(scenarios));
    },
    WITHIN_MS,
  );
});

async function upstreamIsThere(server: TestServer): Promise<void> {
  await eventually(
    'the upstream',
    async () =>
      (await server.rest('GET', '/health/ready')).body.details?.['upstream:everything']?.state === 'connected' ? true : undefined,
    30_000,
  );
}
