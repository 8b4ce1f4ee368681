// Lists of an upstream's resources and prompts, read with care and kept until they are said to have changed.
import { isDeeperThan, MAX_DEPTH } from '@mcpw/protocol';

import { isRecord } from '../extension/is-record.js';
import type { Upstream } from './upstream.js';

export type ListMethod = 'resources/list' | 'resources/templates/list' | 'prompts/list';

const MEMBER: Readonly<Record<ListMethod, string>> = {
  'resources/list': 'resources',
  'resources/templates/list': 'resourceTemplates',
  'prompts/list': 'prompts',
};
const MAX_PAGES = 64;
const MAX_ITEMS = 5_000;
/** Characters of one item's JSON. */
const LARGEST_ITEM = 65_536;

type Item = Readonly<Record<string, unknown>>;

export class CatalogLists {
  private readonly kept = new WeakMap<Upstream, Map<ListMethod, Promise<readonly Item[]>>>();

  /** Items as they came; empty where the upstream has none to offer. @throws what the session throws */
  get(upstream: Upstream, method: ListMethod): Promise<readonly Item[]> {
    const lists = this.kept.get(upstream) ?? new Map<ListMethod, Promise<readonly Item[]>>();
    this.kept.set(upstream, lists);
    const known = lists.get(method);
    if (known !== undefined) return known;
    const fetched = fetchAll(upstream, method);
    lists.set(method, fetched);
    fetched.catch(() => lists.get(method) === fetched && lists.delete(method));
    return fetched;
  }

  forget(upstream: Upstream): void {
    this.kept.delete(upstream);
  }
}

async function fetchAll(upstream: Upstream, method: ListMethod): Promise<readonly Item[]> {
  const { peer } = upstream.link;
  if (peer === undefined) throw new Error('not connected');
  const offers = method === 'prompts/list' ? peer.capabilities.prompts : peer.capabilities.resources;
  if (offers === undefined) return [];
  const timeoutMs = upstream.definition.server.limits.connectTimeoutMs;
  const items: Item[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < MAX_PAGES && items.length < MAX_ITEMS; pages++) {
    const page = await peer.request(method, cursor === undefined ? {} : { cursor }, { timeoutMs, idleTimeoutMs: timeoutMs });
    if (!isRecord(page)) break;
    const listed = page[MEMBER[method]];
    if (Array.isArray(listed)) items.push(...listed.filter(isItem).slice(0, MAX_ITEMS - items.length));
    const next = page['nextCursor'];
    if (typeof next !== 'string' || next === '' || next === cursor) break;
    cursor = next;
  }
  return items;
}

const isItem = (item: unknown): item is Item =>
  isRecord(item) && !isDeeperThan(item, MAX_DEPTH) && JSON.stringify(item).length <= LARGEST_ITEM;
