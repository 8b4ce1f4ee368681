// What hostile upstreams list as their tools, and answer with, does not hold the event loop. What else they may try:
// test/federation/hostile.spec.ts.
import { resolve } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startWideHttp } from '../../federation/fixtures/wide-http.js';
import { WIDE_TOOLS } from '../../federation/fixtures/wide-result.js';
import type { TestServer } from '../../support/start-server.js';
import { expectNoHold, startWatchedServer } from '../support/event-loop.js';

const PROGRAM = resolve(import.meta.dirname, '../../federation/fixtures/hostile-upstream.ts');

let server: TestServer;
let http: Awaited<ReturnType<typeof startWideHttp>>;
beforeAll(async () => {
  const program = (what: string) => ({ command: process.execPath, args: [PROGRAM, what] });
  http = await startWideHttp();
  server = await startWatchedServer({
    mcpServers: { h: program('slow'), pipe: program('wide'), json: { url: `${http.url}/json` }, events: { url: `${http.url}/events` } },
  });
});
afterAll(() => http.close());

describe('a tool of a hostile upstream', () => {
  const schemas: readonly (readonly [string, object, RegExp])[] = [
    ['regex', { s: `${'a'.repeat(50_000)}!` }, /must match the pattern/],
    ['bomb', { v: 5 }, /takes too long to check/],
    ['loop', {}, /takes too long to check/],
  ];
  it.each(schemas)('whose schema is a %s holds up nobody', async (what, args, refusal) => {
    const client = await server.client();
    let tried = 0;
    await expectNoHold(server, async () => {
      // Another at each attempt: a schema is compiled when it is first needed.
      const { error } = await client.request('tool.execute', { name: `h.${what}-${tried++}`, arguments: args });
      expect(error).toMatchObject({ code: 4005, message: expect.stringMatching(refusal) as string });
    });
  });
});

describe.each(['pipe', 'json', 'events'])('as many values as may be that a hostile upstream answers with by %s', (upstream) => {
  it.each(WIDE_TOOLS.flatMap((tool) => (['json', 'binary'] as const).map((encoding) => [tool, encoding] as const)))(
    'as %s, to a caller in %s, holds up nobody',
    async (tool, encoding) => {
      const client = await server.client({ encoding });
      await expectNoHold(server, async () => {
        const answer = await client.request('tool.execute', { name: `${upstream}.${tool}`, arguments: {} });
        if (tool.startsWith('names')) expect(answer.error).toMatchObject({ code: 4015 });
        else expect(answer.result).toMatchObject({ status: tool.endsWith('error') ? 'failed' : 'completed' });
      });
    },
  );
});
