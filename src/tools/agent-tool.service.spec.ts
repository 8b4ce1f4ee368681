import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Config } from '../config/config.js';
import { Failure } from '../extension/failure.js';
import { fakeCaller, type FakeCallerOptions } from '../extension/testing/fake-caller.js';
import { FakeChannel, type PeerHandler } from '../extension/testing/fake-channel.js';
import { eventLogMigration } from '../storage/event-log.js';
import { InlineDatabase } from '../storage/inline-database.js';
import { compileDto } from '../validation/compile-dto.js';
import { AgentToolService } from './agent-tool.service.js';
import { AgentToolSource } from './agent-tool-source.js';
import { RegisterToolsDto } from './register-tools.dto.js';
import { FakeToolSource, fakeTool } from './testing/fake-tools.js';
import { ToolCatalog } from './tool-catalog.js';
import { ToolRegistry } from './tool-registry.js';
import { ToolRunner, type ToolOutcome } from './tool-runner.js';
import { toolWrites } from './tool-writes.js';
import { ToolService } from './tool.service.js';

const inputSchema = { type: 'object', properties: { q: { type: 'string' } }, required: ['q'] };
const search = { name: 'search', description: 'Searches', inputSchema };
const done =
  (text: string): PeerHandler =>
  () => ({ status: 'completed', result: { content: [{ type: 'text', text }] } });

let dir: string;
let database: InlineDatabase;
let registry: ToolRegistry;
let agents: AgentToolService;
let tools: ToolService;
let changes: (string | null)[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mcpw-tools-'));
  const clock = { now: () => 1_000 };
  database = new InlineDatabase({ file: join(dir, 'mcpw.db'), programs: toolWrites, migrations: [eventLogMigration], clock });
  registry = new ToolRegistry();
  registry.add(new FakeToolSource([fakeTool({ name: 'echo' })]));
  const source = new AgentToolSource(registry);
  source.onApplicationBootstrap();
  agents = new AgentToolService(registry, source, database);
  const runner = new ToolRunner({ announce: () => undefined }, clock, { tools: { timeoutMs: 5_000 } } as Config);
  tools = new ToolService(registry, new ToolCatalog(registry), runner);
  changes = [];
  registry.onChanged((tenant) => changes.push(tenant));
});
afterEach(() => {
  vi.restoreAllMocks();
  database.close();
  rmSync(dir, { recursive: true });
});

function agent(id: string, peer?: PeerHandler, tenant = 'acme') {
  const channel = new FakeChannel(id);
  channel.peer = peer;
  return { channel, caller: fakeCaller({ channel, tenant, scopes: ['tools:register'] }) };
}
const names = (tenant = 'acme') => tools.list(fakeCaller({ tenant }), {}).tools.map(({ name }) => name);
const execute = async (params: object = {}, options: FakeCallerOptions = {}): Promise<ToolOutcome> =>
  tools.execute(fakeCaller(options), { name: 'search', arguments: { q: 'x' }, ...params });
const textOf = ({ result }: ToolOutcome) => (result?.content[0] as { text?: string } | undefined)?.text;
const logged = () =>
  database
    .prepare('SELECT tenant, event, data FROM event_log ORDER BY seq')
    .all()
    .map(({ tenant, event, data }) => [tenant, event, JSON.parse(data as string)]);

describe("an agent's tool", () => {
  it('is listed and called within its tenant, for as long as the agent is there', async () => {
    const { channel, caller } = agent('s1', done('found'));
    expect(await agents.register(caller, [{ ...search, annotations: { readOnlyHint: true } }])).toEqual({ registered: ['search'] });
    expect(tools.list(fakeCaller(), { query: 'search' }).tools).toEqual([
      { id: 'search', name: 'search', description: 'Searches', inputSchema, annotations: { readOnlyHint: true }, source: 'agents' },
    ]);
    expect(await execute()).toMatchObject({ tool: 'search', status: 'completed', result: { content: [{ type: 'text', text: 'found' }] } });
    expect(names('other')).toEqual(['echo']);
    await expect(execute({}, { tenant: 'other' })).rejects.toMatchObject({ kind: 'not_found' });
    channel.close();
    expect(names()).toEqual(['echo']);
    await expect(execute()).rejects.toMatchObject({ kind: 'not_found' });
    expect(changes).toEqual(['acme', 'acme']);
  });

  it('is asked with its name and arguments, which the server has checked', async () => {
    const peer = vi.fn(done('x'));
    await agents.register(agent('s1', peer).caller, [search]);
    await expect(execute({ arguments: {} })).rejects.toMatchObject({
      kind: 'invalid_params',
      data: { errors: [{ path: '/arguments/q', message: expect.any(String) }] },
    });
    expect(peer).not.toHaveBeenCalled();
    await execute();
    expect(peer).toHaveBeenCalledWith('tool.execute', { name: 'search', arguments: { q: 'x' }, stream: true }, expect.anything());
  });

  it('is open to those with the scope, and to no others', async () => {
    await agents.register(agent('s1', done('x')).caller, [search]);
    await expect(execute({}, { scopes: ['tools:execute:echo'] })).rejects.toMatchObject({
      kind: 'forbidden',
      data: { scope: 'tools:execute:search' },
    });
  });

  it('that several offer is asked in turn, the idle before the busy', async () => {
    const asked: string[] = [];
    const offer = async (id: string, answer: () => unknown) => {
      const one = agent(id, () => {
        asked.push(id);
        return answer();
      });
      await agents.register(one.caller, [search]);
      return one.channel;
    };
    await offer('a', done('x') as () => unknown);
    await offer('b', done('x') as () => unknown);
    const c = await offer('c', () => new Promise(() => undefined));
    for (let i = 0; i < 2; i++) await execute();
    const held = execute().catch((failure: unknown) => failure);
    for (let i = 0; i < 4; i++) await execute();
    expect(asked).toEqual(['a', 'b', 'c', 'a', 'b', 'a', 'b']);
    c.close();
    expect(await held).toMatchObject({ kind: 'unavailable' });
    expect(names()).toContain('search');
  });

  it('under way when the last agent goes is answered at once', async () => {
    const { channel, caller } = agent('s1');
    await agents.register(caller, [search]);
    const answer = execute();
    channel.close();
    await expect(answer).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('that fails is a failed outcome in its words; one that makes no sense is unavailable', async () => {
    const { channel, caller } = agent('s1', () => ({ status: 'failed', error: { message: 'index is gone', data: { index: 3 } } }));
    await agents.register(caller, [search]);
    expect(await execute()).toMatchObject({ status: 'failed', error: { message: 'index is gone', data: { index: 3 } } });
    channel.peer = () => 'ok';
    await expect(execute()).rejects.toMatchObject({ kind: 'unavailable' });
    channel.peer = () => Promise.reject(new Failure('not_found', 'tool search not found'));
    await expect(execute()).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('passes on progress and cancellation', async () => {
    let seen: Parameters<PeerHandler>[2] = {};
    const { caller } = agent('s1', (_method, _params, options) => {
      seen = options;
      options.onProgress?.({ progress: 1, total: 2 });
      return new Promise(() => undefined);
    });
    await agents.register(caller, [search]);
    const controller = new AbortController();
    const channel = new FakeChannel('caller');
    const answer = execute({ stream: true }, { channel, signal: controller.signal });
    expect(channel.sent).toEqual([{ method: 'tool.progress', params: { request_id: 'r1', progress: 1, total: 2 } }]);
    controller.abort(new Failure('cancelled', 'cancelled'));
    await expect(answer).rejects.toMatchObject({ kind: 'cancelled' });
    expect(seen.signal?.aborted).toBe(true);
  });
});

describe('registering', () => {
  it('is told in the log of events, and so are withdrawing and leaving', async () => {
    const { channel, caller } = agent('s1');
    await agents.register(caller, [search, { ...search, name: 'other' }]);
    expect(await agents.unregister(caller, ['other', 'never', 'other'])).toEqual({ unregistered: ['other'] });
    expect(await agents.unregister(caller, ['never'])).toEqual({ unregistered: [] });
    channel.close();
    await vi.waitFor(() => expect(logged()).toHaveLength(4));
    const notice = (event: string, tool: string) => ['acme', event, { tool, session_id: 's1', principal_id: 'key:acme' }];
    expect(logged()).toEqual([
      notice('tool.registered', 'search'),
      notice('tool.registered', 'other'),
      notice('tool.unregistered', 'other'),
      notice('tool.unregistered', 'search'),
    ]);
  });

  it('anew changes the tool of its only agent', async () => {
    const { caller } = agent('s1');
    await agents.register(caller, [search]);
    await agents.register(caller, [{ ...search, description: 'Finds', inputSchema: { type: 'object' } }]);
    expect(tools.list(fakeCaller(), {}).tools.at(-1)).toMatchObject({ description: 'Finds', inputSchema: { type: 'object' } });
  });

  it.each([
    ["a name of the server's own", 'echo', inputSchema, 'fake'],
    ['a name that another agent offers with another schema', 'search', { type: 'object' }, 'agents'],
  ])('%s is a conflict that tells whose it is, and nothing is registered', async (_, name, schema, source) => {
    await agents.register(agent('s1').caller, [search]);
    await expect(
      agents.register(agent('s2').caller, [
        { ...search, name: 'fine' },
        { ...search, name, inputSchema: schema },
      ]),
    ).rejects.toMatchObject({
      kind: 'conflict',
      data: { source },
    });
    expect(names()).toEqual(['echo', 'search']);
  });

  it('takes no more room than its connection, its tenant and the server have, and gives it back', async () => {
    const large = (name: string, size = 60_000) => ({ ...search, name, inputSchema: { type: 'object', title: 'x'.repeat(size) } });
    const many = (id: string) => Array.from({ length: 17 }, (_, i) => large(`${id}-${i}`));
    const one = agent('s1');
    await agents.register(one.caller, many('one'));
    await expect(agents.register(one.caller, [large('more')])).rejects.toMatchObject({ kind: 'too_large' });
    await agents.register(one.caller, [large('one-0', 10), large('more', 50_000)]);
    const others = ['s2', 's3', 's4'].map((id) => agent(id));
    for (const [i, { caller }] of others.entries()) await agents.register(caller, many(`other${i}`));
    const late = agent('s5');
    await expect(agents.register(late.caller, many('late'))).rejects.toMatchObject({ kind: 'too_large' });
    for (let tenant = 0; tenant < 12; tenant++) await agents.register(agent(`t${tenant}`, undefined, `tenant-${tenant}`).caller, many('t'));
    await expect(agents.register(agent('t', undefined, 'last').caller, many('t'))).rejects.toMatchObject({ kind: 'unavailable' });
    others[0]?.channel.close();
    await agents.register(late.caller, many('late'));
    await agents.unregister(
      one.caller,
      many('one').map(({ name }) => name),
    );
    await agents.register(one.caller, many('again').slice(1));
  });

  it('of one name in two tenants are two tools', async () => {
    await agents.register(agent('s1', done('ours')).caller, [search]);
    await agents.register(agent('s2', done('theirs'), 'other').caller, [{ ...search, inputSchema: { type: 'object' } }]);
    expect(textOf(await execute())).toBe('ours');
    expect(textOf(await execute({}, { tenant: 'other' }))).toBe('theirs');
  });

  it.each([
    ['with a type that is none', { inputSchema: { type: 'nonsense' } }],
    ['that refers elsewhere', { inputSchema: { $ref: 'http://elsewhere/schema' } }],
    ['that is too large', { annotations: { title: 'x'.repeat(70_000) } }],
  ])('a definition %s is refused, naming the tool', async (_, part) => {
    await expect(agents.register(agent('s1').caller, [search, { ...search, name: 'bad', ...part }])).rejects.toMatchObject({
      kind: 'invalid_params',
      data: { errors: [{ path: expect.stringMatching(/^\/tools\/1/) }] },
    });
    expect(names()).toEqual(['echo']);
  });

  it('is bounded for each connection', async () => {
    const { caller } = agent('s1');
    const hundred = (from: number) => Array.from({ length: 100 }, (_, i) => ({ ...search, name: `t${from + i}` }));
    for (let i = 0; i < 5; i++) await agents.register(caller, hundred(i * 100));
    await expect(agents.register(caller, [search])).rejects.toMatchObject({
      kind: 'invalid_params',
      message: expect.stringContaining('500'),
    });
    await expect(agents.register(caller, hundred(0))).resolves.toHaveProperty('registered');
    await agents.unregister(caller, ['t0']);
    await expect(agents.register(caller, [search])).resolves.toEqual({ registered: ['search'] });
  });

  it('that cannot be told of does not happen', async () => {
    database.writer.exec('DROP TABLE event_log');
    await expect(agents.register(agent('s1').caller, [search])).rejects.toThrow();
    expect(names()).toEqual(['echo']);
  });

  it('of an agent that leaves while the log cannot be written ends all the same', async () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined);
    const { channel, caller } = agent('s1');
    await agents.register(caller, [search]);
    database.writer.exec('DROP TABLE event_log');
    channel.close();
    expect(names()).toEqual(['echo']);
    await vi.waitFor(() => expect(warn).toHaveBeenCalledTimes(1));
  });
});

it.each([
  [{ tools: [search] }, null],
  [{ tools: [] }, '/tools'],
  [{ tools: [{ ...search, name: 'a b' }] }, '/tools/0/name'],
  [{ tools: [{ name: 'a', description: 'x' }] }, '/tools/0/inputSchema'],
  [{ tools: [{ ...search, scopes: ['admin'] }] }, '/tools/0/scopes'],
])('params of tool.register are checked (%#)', (params, path) => {
  expect(compileDto(RegisterToolsDto).validate(params)?.[0]?.path ?? null).toBe(path);
});
