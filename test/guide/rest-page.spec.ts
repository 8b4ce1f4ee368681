// docs/rest.md names the routes that the server has, all of them, and where the machine-readable document is.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

import { startServer, type TestServer } from '../support/start-server.js';

const PAGE = readFileSync(resolve(import.meta.dirname, '../../docs/rest.md'), 'utf8');
const DOCUMENT = '/api/docs/openapi.json';

describe('the page of the HTTP side', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });

  it('names where the OpenAPI document is, which anybody may read', async () => {
    expect(PAGE).toContain(`GET ${DOCUMENT}`);
    const { status, body } = await server.rest('GET', DOCUMENT, undefined, null);
    expect(status).toBe(200);
    expect(body).toMatchObject({ openapi: expect.stringMatching(/^3\./), paths: expect.any(Object) });
    expect((await server.rest('GET', '/api/docs/openapi.yaml', undefined, null)).body).toMatch(/^openapi: 3\./);
  });

  it('has a row for each route of the document, and no other', async () => {
    const { body } = await server.rest('GET', DOCUMENT);
    const routes = Object.entries(body.paths as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const named = [...PAGE.matchAll(/^\| `([A-Z]+ \/\S+)` \|/gm)].map(([, route]) => route);
    expect(named.sort()).toEqual(routes.sort());
  });

  it('says which routes are open: the others ask for a credential', async () => {
    for (const [, method = '', path = '', scope] of PAGE.matchAll(/^\| `([A-Z]+) (\/\S+)` \| [^|]* \| ([^|]*) \|$/gm)) {
      const { status } = await server.rest(method, path.replace(/\{\w+\}/g, 'x'), undefined, null);
      expect(status === 401, `${method} ${path}`).toBe(!/\bopen\b/.test(scope ?? ''));
    }
  });
});
