// What a hostile upstream lists as its tools does not hold the event loop when they are called. What else it may try:
// test/federation/hostile.spec.ts.
import { resolve } from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

import type { TestServer } from '../../support/start-server.js';
import { expectNoHold, startWatchedServer } from '../support/event-loop.js';

const PROGRAM = resolve(import.meta.dirname, '../../federation/fixtures/hostile-upstream.ts');

let server: TestServer;
beforeAll(async () => {
  server = await startWatchedServer({ mcpServers: { h: { command: process.execPath, args: [PROGRAM, 'slow'] } } });
});

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
