// Tools through the client: run with progress, cancelled, and offered to others.
import { RequestTimeoutError, type Client, type OfferedTool, type ToolContext } from '@mcpw/client';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { within } from '../support/deadline.js';
import { createKey } from '../support/keys.js';
import { startServer, type TestServer } from '../support/start-server.js';
import { inState, open, UNLIMITED } from './opened-clients.js';
import { UnreliableNetwork } from './unreliable-network.js';

let server: TestServer;

beforeAll(async () => {
  server = await startServer({ config: UNLIMITED });
});

function toolOf(name: string, run: OfferedTool['run']): OfferedTool {
  return { name, description: `the tool ${name}`, inputSchema: { type: 'object', properties: { n: { type: 'integer' } } }, run };
}

/** A tool that runs until it is told to end. */
function slowTool(name: string): { tool: OfferedTool; begun: Promise<ToolContext>; aborted: Promise<unknown>; finish: () => void } {
  let began!: (context: ToolContext) => void;
  let abort!: (reason: unknown) => void;
  let finish!: () => void;
  const begun = new Promise<ToolContext>((resolve) => (began = resolve));
  const aborted = new Promise<unknown>((resolve) => (abort = resolve));
  const finished = new Promise<string>((resolve) => (finish = () => resolve('finished')));
  const tool = toolOf(name, (_, context) => {
    context.signal.addEventListener('abort', () => abort(context.signal.reason));
    began(context);
    return finished;
  });
  return { tool, begun, aborted, finish };
}

describe.each(['json', 'binary'] as const)('in %s', (encoding) => {
  let provider: Client;
  let consumer: Client;

  beforeEach(async () => {
    provider = await open(server, { encoding });
    consumer = await open(server, { encoding });
  });

  it('a tool that one client offers is listed for and run by another', async () => {
    const offer = provider.offerTools([
      toolOf('double', ({ n }) => ({ doubled: Number(n) * 2 })),
      toolOf('bytes', () => Uint8Array.of(1, 2, 3)),
      toolOf('broken', () => {
        throw new Error('no paper');
      }),
    ]);
    await offer.ready;
    const { tools } = await consumer.request('tool.list', { query: 'double' });
    expect(tools.map(({ name }) => name)).toContain('double');
    expect(await consumer.executeTool('double', { n: 4 })).toMatchObject({ status: 'completed', result: { structured: { doubled: 8 } } });
    const { result } = await consumer.executeTool('bytes');
    const blob = encoding === 'binary' ? Uint8Array.of(1, 2, 3) : 'AQID';
    expect(JSON.parse(JSON.stringify(result?.content))).toEqual(
      JSON.parse(
        JSON.stringify([{ type: 'resource', resource: { uri: 'tool:bytes', mimeType: 'application/octet-stream', blob: asSeen(blob) } }]),
      ),
    );
    expect(await consumer.executeTool('broken')).toMatchObject({ status: 'failed', error: { message: 'no paper' } });
    await expect(consumer.executeTool('double', { n: 'four' })).rejects.toMatchObject({ code: 4005 });
    const changed = new Promise<void>((resolve) => consumer.on('toolsChanged', resolve));
    offer.close();
    await within('tool.changed', changed);
    await expect(consumer.executeTool('double', { n: 4 })).rejects.toMatchObject({ code: 4009 });
  });

  it('progress comes as the tool tells it, and before the result', async () => {
    await provider.offerTools([
      toolOf('steps', async (_, { progress }) => {
        for (let i = 1; i <= 3; i++) {
          progress(i, 3, `step ${i}`);
          // Progress is told at most so often: each step takes its time.
          await new Promise((resolve) => setTimeout(resolve, 120));
        }
        return 'done';
      }),
    ]).ready;
    const run = consumer.runTool('steps');
    const steps = [];
    for await (const step of run) steps.push(step);
    expect(steps).toEqual([1, 2, 3].map((progress) => ({ progress, total: 3, message: `step ${progress}` })));
    expect(await run.result).toMatchObject({ status: 'completed', result: { content: [{ type: 'text', text: 'done' }] } });
  });

  const large = 'x'.repeat(1_100_000);
  it.each<[string, OfferedTool['run'], RegExp]>([
    ['an answer that is too large', () => large, /^the answer cannot be sent: message of \d+ bytes exceeds the server's 1048576$/],
    ['an error that is too large', () => Promise.reject(new Error(large)), /^the answer cannot be sent: message of \d+ bytes exceeds/],
    ['a step that is too large', (_, { progress }) => progress(1, 2, large), /^message of \d+ bytes exceeds/],
    [
      'an answer that is nested too deep',
      () => JSON.parse('['.repeat(65) + ']'.repeat(65)) as object,
      /^the answer cannot be sent: nesting is deeper than 64$/,
    ],
  ])('%s is a failed result that says so, and whose tool it is stays', async (name, run, message) => {
    const tool = `unsendable-${encoding}-${name.replaceAll(' ', '-')}`;
    await provider.offerTools([toolOf(tool, run)]).ready;
    const states: string[] = [];
    provider.on('state', ({ state }) => states.push(state));
    const result = await consumer.executeTool(tool, {}, { onProgress: () => undefined });
    expect(result).toMatchObject({ status: 'failed', error: { message: expect.stringMatching(message) } });
    expect(() => provider.notify('session.ack', { cursors: { large } })).toThrow(expect.objectContaining({ name: 'too_large' }));
    await provider.request('tool.list', { query: tool });
    expect(states).toEqual([]);
  });

  it('an aborted call is cancelled where it runs', async () => {
    const { tool, begun, aborted } = slowTool('slow-abort');
    await provider.offerTools([tool]).ready;
    const controller = new AbortController();
    const call = consumer.executeTool('slow-abort', {}, { signal: controller.signal });
    call.catch(() => undefined);
    await within('begin of the tool', begun);
    controller.abort(new Error('changed my mind'));
    await expect(call).rejects.toThrow('changed my mind');
    expect(await within('cancel', aborted)).toMatchObject({ name: 'cancelled' });
  });

  it('a call that takes too long is cancelled where it runs', async () => {
    const { tool, begun, aborted } = slowTool('slow-timeout');
    await provider.offerTools([tool]).ready;
    const call = consumer.executeTool('slow-timeout', {}, { timeoutMs: 400 });
    call.catch(() => undefined);
    await within('begin of the tool', begun);
    await within('cancel', aborted);
    const error: unknown = await call.catch((reason: unknown) => reason);
    // Whichever is the first to say so: the server is told how long the client waits.
    if (!(error instanceof RequestTimeoutError)) expect(error).toMatchObject({ code: 4014, name: 'timed_out' });
  });

  it('a tool of a client that comes back is there again', async () => {
    const network = await UnreliableNetwork.to(Number(new URL(server.url).port));
    try {
      const away = await open(server, { encoding, url: network.wsUrl, reconnect: { baseMs: 10 } });
      await away.offerTools([toolOf('returning', () => 'here')]).ready;
      network.cut();
      await within('loss', inState(away, 'reconnecting'));
      await within('return', inState(away, 'open'));
      await expect
        .poll(() => consumer.executeTool('returning').catch(() => undefined), { timeout: 5_000 })
        .toMatchObject({ status: 'completed' });
    } finally {
      await network.close();
    }
  });

  it('a tool whose caller has gone is told', async () => {
    const { tool, begun, aborted } = slowTool('slow-gone');
    await provider.offerTools([tool]).ready;
    const gone = await open(server, { encoding });
    gone.executeTool('slow-gone').catch(() => undefined);
    await within('begin of the tool', begun);
    await gone.close();
    await within('cancel', aborted);
  });
});

describe('offering', () => {
  it('is refused by name to who may not', async () => {
    const { key } = await createKey(server, { scopes: ['tools:read'] });
    const client = await open(server, { key });
    await expect(client.offerTools([toolOf('forbidden', () => 'x')]).ready).rejects.toMatchObject({ code: 4012, name: 'forbidden' });
  });

  it.each([
    ['of the server’s own', 'echo', { code: 4008, data: { source: 'local' } }],
    ['that is none', 'no name', { code: 4005 }],
    ['that is empty', '', { code: 4005 }],
  ])('a name %s is refused at once, with the server’s error', async (_, name, error) => {
    const client = await open(server);
    const offer = client.offerTools([toolOf(name, () => 'x')]);
    await expect(within('refusal', offer.ready, 3_000)).rejects.toMatchObject(error);
  });

  it('leaves more calls than the server works on at a time to wait, and none is lost', async () => {
    const provider = await open(server);
    const running = { now: 0, most: 0 };
    await provider.offerTools([
      toolOf('counting', async () => {
        running.most = Math.max(running.most, ++running.now);
        await new Promise((resolve) => setTimeout(resolve, 5));
        running.now--;
        return 'counted';
      }),
    ]).ready;
    const consumer = await open(server);
    const answers = await Promise.all(Array.from({ length: 300 }, () => consumer.executeTool('counting')));
    expect(answers.every(({ status }) => status === 'completed')).toBe(true);
    expect(running.most).toBeLessThanOrEqual(63);
  });
});

function asSeen(blob: Uint8Array | string): unknown {
  return typeof blob === 'string' ? blob : Buffer.from(blob);
}
