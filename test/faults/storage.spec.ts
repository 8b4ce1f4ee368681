// An answered change is on disk: through kills in the middle of writing, a full disk, and a database that another process holds.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { afterAll, describe, expect, it } from 'vitest';

import { startServer, type TestServer } from '../support/start-server.js';
import type { TestClient } from '../support/test-client.js';

const UNLIMITED = { websocket: { rate_limit: { enabled: false } } };
const KILLS = 20;
const WRITERS = 8;

interface Answered {
  readonly version: number;
  readonly items: number;
}

/** Writes to one context of its own until the connection ends, and notes every answer. */
async function write(client: TestClient, id: string, answered: Map<string, Answered>, published: Set<string>): Promise<void> {
  try {
    for (let n = answered.get(id)?.items ?? 0; ; n++) {
      const context =
        n === 0
          ? await client.call('context.create', { id, name: id, content: '0' })
          : await client.call('context.update', { context_id: id, content: String(n), metadata: { n } });
      answered.set(id, { version: context.version, items: context.item_count });
      const { cursor } = await client.call('event.publish', { event: 'write.done', data: { id, n } });
      published.add(cursor);
    }
  } catch {
    // The kill came between a change and its answer, or while nothing was being written.
  }
}

/** Reads the log from its beginning until all of these cursors have come. @throws when they do not */
async function awaitEvents(client: TestClient, cursors: ReadonlySet<string>): Promise<void> {
  await client.call('event.subscribe', { events: ['write.done'], since: 'earliest' });
  const missing = new Set(cursors);
  while (missing.size > 0) missing.delete((await client.next('event', 20_000)).params.cursor);
}

describe('kill -9 under write load', () => {
  it(`loses no answered change in ${KILLS} kills`, { timeout: 240_000 }, async () => {
    const server = await startServer({ config: { ...UNLIMITED, events: { retention_count: 1_000_000 } } });
    const answered = new Map<string, Answered>();
    const published = new Set<string>();
    for (let kill = 0; kill < KILLS; kill++) {
      const clients = await Promise.all(Array.from({ length: WRITERS }, () => server.client()));
      const writers = clients.map((client, i) => write(client, `kill-${kill}-${i}`, answered, published));
      // All have begun, however slow the machine is; the kill then comes at any moment of their writing.
      await expect.poll(() => answered.size, { timeout: 30_000, interval: 5 }).toBe((kill + 1) * WRITERS);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 200));
      await server.restart('SIGKILL');
      await Promise.all(writers);
    }
    const client = await server.client();
    expect(answered.size).toBe(KILLS * WRITERS);
    for (const [id, { version, items }] of answered) {
      const context = await client.call('context.get', { context_id: id, limit: 200 });
      // One change more than was answered may have been committed before the kill, and no more.
      expect(context.version - version, id).toBeOneOf([0, 1]);
      expect(context.item_count - items, id).toBeOneOf([0, 1]);
      expect(context.items.map((item: { content: string }) => Number(item.content))).toEqual(
        Array.from({ length: Math.min(200, context.item_count) }, (_, i) => context.item_count - Math.min(200, context.item_count) + i),
      );
      if (context.item_count > 1) expect(context.metadata).toEqual({ n: context.item_count - 1 });
    }
    expect(published.size).toBeGreaterThan(KILLS * WRITERS);
    await awaitEvents(client, published);
  });
});

describe('a full disk', () => {
  const disk = mkdtempSync(join(tmpdir(), 'mcpw-full-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', disk]);
  afterAll(() => {
    execFileSync('umount', ['-l', disk]);
    rmSync(disk, { recursive: true });
  });

  it('a change is answered 4016 and not made, reads go on, and with room again so do changes', async () => {
    const server = await startServer({ dataDir: join(disk, 'data'), config: UNLIMITED });
    const client = await server.client();
    await client.call('context.create', { id: 'kept', name: 'kept', content: 'before' });
    writeFileSync(join(disk, 'ballast'), Buffer.alloc(2_500_000));
    const refused = await untilRefused(client);
    expect(refused.error).toMatchObject({ code: 4016, message: expect.stringMatching(/\w/) });
    const { error } = await client.request('context.get', { context_id: refused.id });
    expect(error).toMatchObject({ code: 4009 });
    expect(await client.call('context.get', { context_id: 'kept' })).toMatchObject({ version: 1 });
    rmSync(join(disk, 'ballast'));
    await expect
      .poll(async () => (await client.request('context.update', { context_id: 'kept', content: 'after' })).error, { timeout: 10_000 })
      .toBeUndefined();
    await server.restart('SIGKILL');
    expect(readdirSync(join(disk, 'data')).length).toBeGreaterThan(0);
    expect((await (await server.client()).call('context.get', { context_id: 'kept' })).items.at(-1).content).toBe('after');
  });

  async function untilRefused(client: TestClient): Promise<{ id: string; error: unknown }> {
    for (let i = 0; i < 200; i++) {
      const id = `filler-${i}`;
      const { error } = await client.request('context.create', { id, name: id, content: `${i} ${'lorem ipsum '.repeat(20_000)}` });
      if (error !== undefined) return { id, error };
    }
    throw new Error('the disk never got full');
  }
});

describe('a database that another process holds', () => {
  it('a change is answered 4016 after the busy timeout, meanwhile all else goes on, and then changes again', async () => {
    const server: TestServer = await startServer({ config: { ...UNLIMITED, storage: { busy_timeout: '500ms' } } });
    const client = await server.client();
    await client.call('context.create', { id: 'locked', name: 'locked' });
    const file = readdirSync(server.dataDir).find((name) => name.endsWith('.db') || name.endsWith('.sqlite')) as string;
    const other = new DatabaseSync(join(server.dataDir, file));
    other.exec('BEGIN IMMEDIATE');
    const held = client.request('context.update', { context_id: 'locked', content: 'x' });
    let slowest = 0;
    for (let i = 0; i < 20; i++) {
      const begin = performance.now();
      await client.call('context.get', { context_id: 'locked' });
      slowest = Math.max(slowest, performance.now() - begin);
    }
    expect(slowest).toBeLessThan(400);
    expect((await held).error).toMatchObject({ code: 4016 });
    other.exec('ROLLBACK');
    other.close();
    expect((await client.call('context.update', { context_id: 'locked', content: 'x' })).version).toBe(2);
  });
});
