// What a request costs as connections and contexts grow: the same number of requests under way, over ever more of them.
import { DatabaseSync } from 'node:sqlite';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { encodeMsgpack } from '@mcpw/protocol';

import { isMet, median, type Row, type RowMaker } from '../bench-row.js';
import { Load } from '../load/load-client.js';
import type { RequestJob } from '../load/load-jobs.js';
import { costOfRun, inTurn, using } from '../rounds.js';
import { ADMIN_KEY, MeasuredProcess } from '../servers/measured-process.js';

const UNDER_WAY = 10;
const FLAT = 0.2;
/** When the contexts were made. */
const BEGUN_MS = 1_790_000_000_000;

const JOB: Omit<RequestJob, 'url'> = {
  kind: 'requests',
  key: ADMIN_KEY,
  encoding: 'json',
  connections: UNDER_WAY,
  inFlight: 1,
  batch: 1,
  roaming: UNDER_WAY,
  method: 'tool.execute',
  params: { name: 'echo', arguments: { text: 'hello', n: 1, ok: true } },
  initialize: true,
};

export const connectionScaling: RowMaker = async ({ rounds, seconds, warmUpSeconds, isShort }) =>
  using(async (own) => {
    const places = isShort ? [10, 1_000] : [10, 100, 1_000, 10_000];
    const variantOf = async (connections: number): Promise<() => Promise<number>> => {
      const server = await own(MeasuredProcess.ours());
      const load = await own(Load.open({ ...JOB, url: server.url, connections }));
      return async () => costOfRun(server, load, seconds);
    };
    const variants = await Promise.all(places.map(async (place) => [place, await variantOf(place)] as const));
    return [flatRow('cost of tool.execute over connections', await inTurn(rounds, Object.fromEntries(variants), warmUpSeconds))];
  });

/** Not in the short form: what shows begins where contexts are more than are kept, and to make those takes long. */
export const contextScaling: RowMaker = async (options) => (options.isShort ? [] : overContexts(options));

const overContexts: RowMaker = async ({ rounds, seconds, warmUpSeconds }) =>
  using(async (own) => {
    const places = [1_000, 10_000, 100_000, 1_000_000];
    const folder = async (): Promise<string> => {
      const path = mkdtempSync(join(tmpdir(), 'mcpw-bench-contexts-'));
      await own(Promise.resolve({ stop: async () => Promise.resolve(rmSync(path, { recursive: true, force: true })) }));
      return path;
    };
    const empty = await folder();
    await (await MeasuredProcess.ours({ dataDir: empty })).stop();
    const variantOf = async (count: number): Promise<() => Promise<number>> => {
      const dataDir = await folder();
      cpSync(empty, dataDir, { recursive: true });
      addContexts(dataDir, count);
      const server = await own(MeasuredProcess.ours({ dataDir }));
      const variety = { member: 'context_id', prefix: 'c', count };
      const load = await own(Load.open({ ...JOB, url: server.url, method: 'context.get', params: {}, variety }));
      return async () => costOfRun(server, load, seconds);
    };
    const variants = await Promise.all(places.map(async (place) => [place, await variantOf(place)] as const));
    return [flatRow('cost of context.get over contexts', await inTurn(rounds, Object.fromEntries(variants), warmUpSeconds))];
  });

/** Fills the tables of a server that was started once: by the protocol a million would take minutes. */
function addContexts(dataDir: string, count: number): void {
  const db = new DatabaseSync(join(dataDir, 'mcpw.db'));
  const item = { id: 'i1', role: 'user', content: 'hello world', tokens: 2, created_at: '2026-09-21T12:00:00.000Z' };
  const json = JSON.stringify(item);
  const packed = Buffer.from(encodeMsgpack(item)).toString('hex');
  db.function('packed_context', { deterministic: true }, (number) => packedContext(Number(number)));
  db.exec(`
    BEGIN;
    WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${count - 1})
    INSERT INTO context (tenant, id, name, agent, version, item_count, current_tokens, max_tokens, truncation, next_position,
      evicted_before, replaced_before, created_at, updated_at, expires_at, metadata, packed)
    SELECT 'default', 'c' || i, 'context ' || i, 'bench', 1, 1, 2, 1000, 'reject', 2, 1, 1, ${BEGUN_MS} + i, ${BEGUN_MS} + i, NULL, '{}', packed_context(i)
      FROM n;
    INSERT INTO context_item (context, position, is_system, tokens, bytes, json, packed)
    SELECT row, 1, 0, 2, 100, '${json}', x'${packed}' FROM context;
    COMMIT;
    PRAGMA wal_checkpoint(TRUNCATE);
  `);
  db.close();
}

/** A context without its items, as the store keeps it. */
function packedContext(number: number): Uint8Array {
  const at = new Date(BEGUN_MS + number).toISOString();
  return encodeMsgpack({
    ...{ id: `c${number}`, name: `context ${number}`, tenant_id: 'default', agent_id: 'bench', version: 1, metadata: {} },
    ...{ item_count: 1, current_tokens: 2, max_tokens: 1000, truncation: 'reject', created_at: at, updated_at: at },
  });
}

/** Flat: no place is further from the middle than a fifth. */
function flatRow(what: string, costs: Readonly<Record<string, readonly number[]>>): Row {
  const curve = Object.entries(costs).map(([at, values]) => ({ at: Number(at), value: median(values) }));
  const middle = median(curve.map(({ value }) => value));
  const deviations = curve.map(({ value }) => Math.abs(value / middle - 1));
  const value = Math.max(...deviations);
  const places = curve.map(({ at }) => at.toLocaleString('en'));
  const target = { atMost: FLAT };
  return {
    name: `${what}, ${places[0]} to ${places.at(-1)}: furthest from the middle`,
    value,
    spread: [Math.min(...deviations), value],
    detail: curve.map((point) => `${point.at.toLocaleString('en')}: ${point.value.toFixed(1)} µs`).join(', '),
    target,
    met: isMet(value, target),
    curve,
  };
}
