// The official Inspector's command line, as somebody has it who tries the server from a terminal. It is run from its own file: its
// launcher, which may first install its graphical parts, is not needed for it.
import { execFile } from 'node:child_process';
import { join } from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

import { createKey } from '../support/keys.js';
import type { TestServer } from '../support/start-server.js';
import { startPlain } from './support/fixture.js';

const INSPECTOR = join(import.meta.dirname, '../../node_modules/@modelcontextprotocol/inspector/clients/cli/build/index.js');
const WITHIN_MS = 60_000;

type Result = any; // eslint-disable-line @typescript-eslint/no-explicit-any -- each test knows the shape it asked for

interface Printed {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

let server: TestServer;

beforeAll(async () => {
  server = await startPlain();
});

describe.each(['legacy', 'modern'])('the Inspector, %s era', (era) => {
  const inspect = async (method: string, more: readonly string[] = [], key = server.adminKey): Promise<Printed> =>
    new Promise((resolve) => {
      const target = [`${server.url}/mcp`, '--header', `Authorization: Bearer ${key}`, '--protocol-era', era];
      const child = execFile(
        process.execPath,
        [INSPECTOR, ...target, '--format', 'json', '--quiet', '--method', method, ...more],
        // What it keeps, it keeps in its user's home.
        { cwd: server.dataDir, env: { PATH: process.env['PATH'], HOME: server.dataDir }, timeout: WITHIN_MS },
        (_error, out, err) => resolve({ code: child.exitCode, out, err }),
      );
    });

  /** @returns what it printed as the result */
  const resultOf = async (method: string, more?: readonly string[]): Promise<Result> => {
    const { code, out, err } = await inspect(method, more);
    expect(code, err).toBe(0);
    return (JSON.parse(out) as { result: Result }).result;
  };

  it(
    'lists tools',
    async () => {
      const { tools } = await resultOf('tools/list');
      expect(tools.map(({ name }: { name: string }) => name)).toEqual(expect.arrayContaining(['echo', 'context_search', 'event_publish']));
    },
    WITHIN_MS,
  );

  it(
    'calls one',
    async () => {
      const result = await resultOf('tools/call', ['--tool-name', 'echo', '--tool-arg', 'text=hello']);
      expect(result.structuredContent).toEqual({ text: 'hello' });
      expect(result.content).toEqual([{ type: 'text', text: '{"text":"hello"}' }]);
    },
    WITHIN_MS,
  );

  it(
    'lists contexts as resources, and reads one',
    async () => {
      const writer = await server.client();
      const { id } = await writer.call('context.create', { name: `plans, ${era}`, content: 'to be inspected' });
      const { resources } = await resultOf('resources/list');
      expect(resources).toContainEqual(expect.objectContaining({ uri: `context://${id}`, name: `plans, ${era}` }));
      const { contents } = await resultOf('resources/read', ['--uri', `context://${id}`]);
      expect(contents[0].text).toContain('to be inspected');
    },
    WITHIN_MS,
  );

  it(
    'is told that a credential is wrong, and sees no tool that its key may not call',
    async () => {
      const refused = await inspect('tools/list', [], 'wrong');
      expect(refused.code).not.toBe(0);
      expect(refused.err).toMatch(/auth|401/i);
      const { key } = await createKey(server, { scopes: ['tools:read'] });
      const { code, err } = await inspect('tools/call', ['--tool-name', 'echo'], key);
      expect(code).not.toBe(0);
      expect(err).toContain('tool_not_found');
    },
    WITHIN_MS,
  );
});
