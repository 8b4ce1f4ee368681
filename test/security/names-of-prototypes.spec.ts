// Names that mean something to JavaScript's objects mean nothing here: what has them is kept and given back as it came, and nothing else
// is changed by it (prototype pollution).
import { encodeMsgpack } from '@mcpw/protocol';
import { beforeAll, describe, expect, it } from 'vitest';

import { McpHttp } from '../mcp/support/mcp-http.js';
import { startServer, type TestServer } from '../support/start-server.js';
import type { TestClient } from '../support/test-client.js';
import { executeFrame, text } from './support/attack-messages.js';

let server: TestServer;
let client: TestClient;
beforeAll(async () => {
  server = await startServer();
  client = await server.client();
});

const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'];

let number = 0;
async function ask(method: string, params: string): Promise<{ text: string; code: number | undefined }> {
  const id = `n${++number}`;
  const answer = client.answerTo(id);
  client.send(text(id, method, params), { asText: true });
  const { result, error } = await answer;
  return { text: JSON.stringify(result), code: error?.code };
}

/** Whatever an object of the server's own would have come to have. */
async function expectNothingPolluted(): Promise<void> {
  const { text: fresh } = await ask('context.create', '{"name":"fresh"}');
  expect(fresh).not.toContain('polluted');
  expect((await ask('tool.execute', '{"name":"echo","arguments":{"a":{}}}')).text).toContain('"structured":{"a":{}}');
  expect((await server.rest('GET', '/api/v1/keys')).status).toBe(200);
}

describe.each(NAMES)('the name %s', (name) => {
  const value = `{"${name}":{"polluted":true}}`;

  it('in arguments comes back as it went', async () => {
    expect((await ask('tool.execute', `{"name":"echo","arguments":${value}}`)).text).toContain(`"structured":${value}`);
    await expectNothingPolluted();
  });

  it('in metadata, and in a patch of it, is a member like any other', async () => {
    const { text: created } = await ask('context.create', `{"name":"x","metadata":${value}}`);
    expect(created).toContain(`"metadata":${value}`);
    const { id } = JSON.parse(created) as { id: string };
    const { text: patched } = await ask('context.update', `{"context_id":"${id}","metadata":{"deep":${value},"${name}":null}}`);
    expect(patched).toContain(`"metadata":{"deep":${value}}`);
    await expectNothingPolluted();
  });

  it('in an event and a filter is a path like any other', async () => {
    const { text: subscribed } = await ask('event.subscribe', `{"events":["p.*"],"filter":{"${name}.polluted":true}}`);
    const { subscription_id: subscription } = JSON.parse(subscribed) as { subscription_id: string };
    await ask('event.publish', '{"event":"p.plain","data":{}}');
    await ask('event.publish', `{"event":"p.named","data":${value}}`);
    const { params } = await client.next('event');
    expect(params).toMatchObject({ subscription_id: subscription, event: 'p.named' });
    await expectNothingPolluted();
  });

  it('of a method, tool, context or member of params is that of none', async () => {
    expect((await ask(name, '{}')).code).toBe(4004);
    expect((await ask('tool.execute', `{"name":"${name}"}`)).code).toBe(4009);
    expect((await ask('context.get', `{"context_id":"${name}"}`)).code).toBe(4009);
    expect((await ask('context.create', `{"name":"x","${name}":{"polluted":true}}`)).code).toBe(4005);
    expect((await server.rest('POST', '/api/v1/keys', `{"name":"x","tenant":"t","scopes":[],${value.slice(1)}`)).status).toBe(400);
    await expectNothingPolluted();
  });

  it('does nothing in a frame and over MCP', async () => {
    const binary = await server.client({ encoding: 'binary' });
    const answer = binary.answerTo(2);
    binary.send(executeFrame(2, encodeMsgpack({ name: 'echo', arguments: JSON.parse(value) as object })));
    expect(JSON.stringify((await answer).result)).toContain('polluted');
    const called = await new McpHttp(server).modern('tools/call', { name: 'echo', arguments: JSON.parse(value) as object });
    expect(JSON.stringify(called.body)).toContain(`"structuredContent":${value}`);
    await expectNothingPolluted();
  });
});
