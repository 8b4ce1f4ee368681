// docs/clients.md: what it prints for JavaScript is run as printed. For Python and Go, what their libraries send: client-examples.spec.ts.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { within } from '../support/deadline.js';
import { createKey } from '../support/keys.js';
import { startServer, type TestServer } from '../support/start-server.js';

const ROOT = resolve(import.meta.dirname, '../..');
const PAGE = readFileSync(join(ROOT, 'docs/clients.md'), 'utf8');

/** The code of a section, in its language. */
function codeOf(section: string): string {
  const code = new RegExp(`\\n## ${section}\\n[^]*?\\n\`\`\`\\w+\\n([^]*?)\`\`\``).exec(PAGE)?.[1];
  if (code === undefined) throw new Error(`the page has no ${section}`);
  return code;
}

describe('the page of clients', () => {
  // Inside the project, so that its packages are found.
  const folder = mkdtempSync(join(ROOT, 'node_modules/.clients-page-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  let server: TestServer;
  let key: string;
  beforeAll(async () => {
    server = await startServer();
    ({ key } = await createKey(server));
  });

  it('Node: initializes and runs a tool, as printed', async () => {
    const file = join(folder, 'client.mjs');
    writeFileSync(file, codeOf('JavaScript, Node'));
    const env = { MCPW_URL: server.wsUrl, MCPW_KEY: key };
    const { stdout } = await promisify(execFile)(process.execPath, [file], { env });
    expect(JSON.parse(stdout)).toEqual({ hello: 'world' });
  });

  it('a browser: both subprotocol entries let it in, the key alone does not', async () => {
    const opened = async (protocols: (offered: string[]) => string[]): Promise<string> => {
      class Offering extends WebSocket {
        constructor(url: string, offered: string[]) {
          super(url, protocols(offered));
        }
      }
      // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the page's own words
      const connect = new Function('WebSocket', `${codeOf('JavaScript, a browser')}; return connect;`)(Offering) as (
        url: string,
        key: string,
      ) => WebSocket;
      const socket = connect(server.wsUrl, key);
      const outcome = within(
        'answer',
        new Promise<string>((done) => {
          socket.onmessage = ({ data }) => done(String(data));
          socket.onerror = () => done('refused');
        }),
      );
      return outcome.finally(() => socket.close());
    };
    expect(await opened((offered) => offered)).toContain('"session_id"');
    expect(await opened((offered) => offered.slice(1))).toBe('refused');
  });
});
