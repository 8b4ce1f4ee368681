import { describe, expect, it } from 'vitest';

import { ClientClosedError, McpwError } from './errors.js';
import { settled } from './testing/fake-clock.js';
import { openClient } from './testing/open-client.js';
import type { OfferedTool, ToolContext } from './tool-runs.js';

const TAKEN = { code: 4008, message: 'taken', data: { source: 'agents' } };

function toolOf(name: string, run: OfferedTool['run'] = () => undefined): OfferedTool {
  return { name, description: `the tool ${name}`, inputSchema: { type: 'object' }, run };
}

describe('OfferedTools', () => {
  it('are registered without what the server has no use for', async () => {
    const { server, client } = await openClient();
    const offer = client.offerTools([{ ...toolOf('a'), annotations: { readOnlyHint: true } }, toolOf('b')]);
    expect(server.connection.last('tool.register').params).toEqual({
      tools: [
        { name: 'a', description: 'the tool a', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } },
        { name: 'b', description: 'the tool b', inputSchema: { type: 'object' } },
      ],
    });
    server.connection.respond(server.connection.last('tool.register'), { registered: ['a', 'b'] });
    await offer.ready;
  });

  it.each([true, false])('are registered anew on every connection, resumed or not: %s', async (resumed) => {
    const { server, client } = await openClient();
    client.offerTools([toolOf('a')]);
    await server.connection.close(1006);
    client.offerTools([toolOf('b')]);
    await server.clock.pass(1_000);
    await server.connection.accept({ resumed });
    expect(server.connection.of('tool.register').map(({ params }) => params)).toMatchObject([
      { tools: [{ name: 'a' }] },
      { tools: [{ name: 'b' }] },
    ]);
  });

  it('that are many are registered a hundred at a time', async () => {
    const { server, client } = await openClient();
    const offer = client.offerTools(Array.from({ length: 150 }, (_, i) => toolOf(`t${i}`)));
    const counts = [];
    for (let i = 0; i < 2; i++) {
      counts.push((server.connection.last('tool.register').params?.['tools'] as unknown[]).length);
      server.connection.respond(server.connection.last('tool.register'), { registered: [] });
      await settled();
    }
    await offer.ready;
    expect(counts).toEqual([100, 50]);
  });

  it.each([
    ['is not theirs to give', { code: 4012, message: 'no scope' }],
    ['is none', { code: 4005, message: 'no name', data: { errors: [{ path: '/tools/0/name', message: 'no name' }] } }],
    ['is a tool of the server’s own', { code: 4008, message: 'taken', data: { source: 'local' } }],
    ['is kept for a server that it is connected to', { code: 4008, message: 'kept', data: { source: 'github' } }],
    ['is taken, and by whom is not said', { code: 4008, message: 'taken' }],
  ])('are refused at once where their name %s', async (_, error) => {
    const { server, client } = await openClient();
    const offer = client.offerTools([toolOf('a')]);
    server.connection.refuse(server.connection.last('tool.register'), error);
    await expect(offer.ready).rejects.toMatchObject(error);
    await server.clock.pass(6_000);
    expect(server.connection.of('tool.register')).toHaveLength(1);
  });

  it('that were refused can be offered anew', async () => {
    const { server, client } = await openClient();
    client.offerTools([toolOf('a')]);
    server.connection.refuse(server.connection.last('tool.register'), { code: 4005, message: 'no schema' });
    await settled();
    const again = client.offerTools([toolOf('a')]);
    server.connection.respond(server.connection.last('tool.register'), { registered: ['a'] });
    await again.ready;
    server.connection.ask('s1', 'tool.execute', { name: 'a' });
    await settled();
    expect(server.connection.received.at(-1)).toMatchObject({ type: 1, id: 's1', result: { status: 'completed' } });
  });

  it('that were refused in part are taken back', async () => {
    const { server, client } = await openClient();
    client.offerTools(Array.from({ length: 101 }, (_, i) => toolOf(`t${i}`)));
    server.connection.respond(server.connection.last('tool.register'), { registered: [] });
    await settled();
    server.connection.refuse(server.connection.last('tool.register'), { code: 4005, message: 'no schema' });
    await settled();
    expect(server.connection.last('tool.unregister').params?.['names']).toHaveLength(101);
  });

  it('are functions, each of a name of its own', async () => {
    const { server, client } = await openClient();
    expect(() => client.offerTools([toolOf('a'), toolOf('b'), toolOf('a')])).toThrow('the tool a is offered already');
    expect(() => client.offerTools([{ ...toolOf('a'), run: undefined as never }])).toThrow('the tool a has no function run');
    expect(server.connection.of('tool.register')).toEqual([]);
  });

  it('that wait for their name leave nothing behind when the client is closed', async () => {
    const { server, client } = await openClient();
    const { ready } = client.offerTools([toolOf('a')]);
    server.connection.refuse(server.connection.last('tool.register'), TAKEN);
    await settled();
    await client.close();
    await expect(ready).rejects.toThrow(ClientClosedError);
    expect(server.clock.pending).toBe(0);
  });

  it('are asked for again where their name may still be that of a dead connection of ours', async () => {
    const { server, client } = await openClient();
    const offer = client.offerTools([toolOf('a')]);
    server.connection.refuse(server.connection.last('tool.register'), TAKEN);
    await server.clock.pass(5_000);
    expect(server.connection.of('tool.register')).toHaveLength(2);
    server.connection.respond(server.connection.last('tool.register'), { registered: ['a'] });
    await offer.ready;
  });

  it('are given up where the name stays taken', async () => {
    const { server, client } = await openClient();
    const offer = client.offerTools([toolOf('a')]);
    for (let i = 0; i <= 12; i++) {
      server.connection.refuse(server.connection.last('tool.register'), TAKEN);
      await server.clock.pass(5_000);
    }
    await expect(offer.ready).rejects.toMatchObject({ code: 4008 });
    expect(server.connection.of('tool.register')).toHaveLength(13);
  });

  it('can be taken back, before and after the server has them', async () => {
    const { server, client } = await openClient();
    const offer = client.offerTools([toolOf('a')]);
    server.connection.respond(server.connection.last('tool.register'), { registered: ['a'] });
    await offer.ready;
    offer.close();
    offer.close();
    expect(server.connection.of('tool.unregister').map(({ params }) => params)).toEqual([{ names: ['a'] }]);
    server.connection.ask('s1', 'tool.execute', { name: 'a' });
    await settled();
    expect(server.connection.received.at(-1)).toMatchObject({ type: 3, id: 's1', error: { code: 4009 } });
    client.offerTools([toolOf('a')]);
  });

  it('have each name once', async () => {
    const { client } = await openClient();
    client.offerTools([toolOf('a')]);
    expect(() => client.offerTools([toolOf('b'), toolOf('a')])).toThrow('the tool a is offered already');
  });

  it('that are taken back before the server has them are not ready', async () => {
    const { server, client } = await openClient();
    const offer = client.offerTools([toolOf('a')]);
    offer[Symbol.dispose]();
    await expect(offer.ready).rejects.toThrow(new ClientClosedError('offer'));
    server.connection.respond(server.connection.last('tool.register'), { registered: ['a'] });
    await settled();
    expect(server.connection.of('tool.unregister').length).toBeGreaterThan(0);
  });

  it('are not waited for when the client is closed', async () => {
    const { client } = await openClient();
    const offer = client.offerTools([toolOf('a')]);
    await client.close();
    await expect(offer.ready).rejects.toBeInstanceOf(ClientClosedError);
    expect(() => client.offerTools([toolOf('b')])).toThrow(ClientClosedError);
  });
});

describe('ToolRuns', () => {
  it('answer with what the tool returned', async () => {
    const { server, client } = await openClient();
    client.offerTools([toolOf('a', (args) => ({ doubled: Number(args['n']) * 2 }))]);
    server.connection.ask('s1', 'tool.execute', { name: 'a', arguments: { n: 4 } });
    await settled();
    expect(server.connection.received.at(-1)).toMatchObject({
      type: 1,
      id: 's1',
      result: { tool: 'a', status: 'completed', result: { structured: { doubled: 8 } }, duration_ms: 0 },
    });
  });

  it.each([
    [new Error('no paper'), { type: 1, result: { tool: 'a', status: 'failed', error: { message: 'no paper' } } }],
    [new McpwError(4005, 'bad', { errors: [] }), { type: 3, error: { code: 4005, message: 'bad', data: { errors: [] } } }],
  ])('answer with what the tool threw: %s', async (thrown, answer) => {
    const { server, client } = await openClient();
    client.offerTools([toolOf('a', () => Promise.reject(thrown))]);
    server.connection.ask('s1', 'tool.execute', { name: 'a' });
    await settled();
    expect(server.connection.received.at(-1)).toMatchObject({ id: 's1', ...answer });
  });

  const large = 'x'.repeat(2_000_000);
  const deep = JSON.parse('['.repeat(65) + ']'.repeat(65)) as object;
  it.each([
    ['is too large', () => large, 4015, "message of 2000128 bytes exceeds the server's 1048576"],
    ['is an error that is too large', () => Promise.reject(new Error(large)), 4015, 'message of'],
    ['is an McpwError that is too large', () => Promise.reject(new McpwError(4005, 'bad', { large })), 4015, 'message of'],
    ['is nested too deep', () => deep, 4003, 'nesting is deeper than 64'],
    ['is an McpwError that is nested too deep', () => Promise.reject(new McpwError(4005, 'bad', deep)), 4003, 'nesting is deeper than 64'],
    ['is no JSON', () => ({ content: [{ type: 'text', text: 1n as unknown as string }] }), 4003, 'BigInt'],
    [
      'fails in its own words, and many',
      () => ({
        content: [
          {
            toJSON: () => {
              throw new Error(large);
            },
          },
        ],
      }),
      4003,
      'the answer',
    ],
  ] as [string, OfferedTool['run'], number, string][])('answer with an error where the answer %s', async (_, run, code, reason) => {
    const { server, client } = await openClient();
    client.offerTools([toolOf('a', run)]);
    server.connection.ask('s1', 'tool.execute', { name: 'a' });
    await settled();
    const answer = server.connection.received.at(-1);
    expect(answer).toMatchObject({ id: 's1' });
    const error = answer?.error ?? (answer?.result as { error: { message: string } }).error;
    expect(error.message).toContain(reason);
    expect(error.message).toMatch(/^the answer cannot be sent: /);
    expect(error).toHaveProperty('code', code);
    expect(client.state).toBe('open');
  });

  it('are told of a step that is too large, which the server is not', async () => {
    const { server, client } = await openClient();
    let thrown: unknown;
    client.offerTools([
      toolOf('a', (__, { progress }) => {
        try {
          progress(1, 2, large);
        } catch (error) {
          thrown = error;
        }
        progress(2, 2, 'small');
        return 'done';
      }),
    ]);
    server.connection.ask('s1', 'tool.execute', { name: 'a' });
    await settled();
    expect(thrown).toMatchObject({ name: 'too_large', code: 4015 });
    expect(server.connection.of('tool.progress').map(({ params }) => params?.['message'])).toEqual(['small']);
    expect(server.connection.received.at(-1)).toMatchObject({ id: 's1', result: { status: 'completed' } });
  });

  it('tell how far they are, until they are done', async () => {
    const { server, client } = await openClient();
    let context: ToolContext | undefined;
    let finish = (): void => undefined;
    client.offerTools([toolOf('a', (_, given) => ((context = given), new Promise<void>((resolve) => (finish = resolve))))]);
    server.connection.ask('s1', 'tool.execute', { name: 'a' });
    await settled();
    context?.progress(1, 4, 'begun');
    context?.progress(2);
    finish();
    await settled();
    context?.progress(4);
    expect(server.connection.of('tool.progress').map(({ type, params }) => ({ type, params }))).toEqual([
      { type: 2, params: { request_id: 's1', progress: 1, total: 4, message: 'begun' } },
      { type: 2, params: { request_id: 's1', progress: 2 } },
    ]);
  });

  it.each(['notification', 'request'])('are cancelled by a %s', async (kind) => {
    const { server, client } = await openClient();
    client.offerTools([
      toolOf(
        'a',
        (_, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
      ),
    ]);
    server.connection.ask('s1', 'tool.execute', { name: 'a' });
    await settled();
    if (kind === 'request') server.connection.ask('s2', 'tool.cancel', { request_id: 's1' });
    else server.connection.notify('tool.cancel', { request_id: 's1' });
    await settled();
    expect(server.connection.received).toContainEqual(
      expect.objectContaining({ type: 3, id: 's1', error: expect.objectContaining({ code: 4006 }) }),
    );
  });

  it('are aborted with the connection, and answer nobody on the next one', async () => {
    const { server, client } = await openClient();
    let reason: unknown;
    let finish = (): void => undefined;
    client.offerTools([
      toolOf('a', (_, { signal }) => {
        signal.addEventListener('abort', () => (reason = signal.reason));
        return new Promise<void>((resolve) => (finish = resolve));
      }),
    ]);
    server.connection.ask('s1', 'tool.execute', { name: 'a' });
    await settled();
    await server.connection.close(1006);
    expect(reason).toMatchObject({ name: 'ConnectionLostError' });
    await server.clock.pass(1_000);
    await server.connection.accept();
    finish();
    await settled();
    expect(server.connection.received.filter(({ id }) => id === 's1')).toEqual([]);
  });
});
