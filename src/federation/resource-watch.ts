// Who wants to hear of updates of which resource. An upstream is asked once for each resource, and asked again by each new session.
import type { McpPeer } from './mcp-peer.js';
import type { Upstream } from './upstream.js';

interface Watched {
  readonly listeners: Set<() => void>;
  /** The session that was asked. */
  peer: McpPeer | undefined;
}

const MAX_RESOURCES = 1_000;

export class ResourceWatch {
  private readonly watched = new Map<Upstream, Map<string, Watched>>();

  /** @returns the way to take it back. @throws what the upstream says, where it is asked for the first time */
  async add(upstream: Upstream, uri: string, onUpdated: () => void): Promise<() => void> {
    const resources = this.watched.get(upstream) ?? new Map<string, Watched>();
    this.watched.set(upstream, resources);
    const known = resources.get(uri);
    if (known === undefined && resources.size >= MAX_RESOURCES) throw new Error(`more than ${MAX_RESOURCES} resources are watched`);
    const entry = known ?? { listeners: new Set(), peer: undefined };
    const listener = (): void => onUpdated();
    entry.listeners.add(listener);
    resources.set(uri, entry);
    const release = (): void => this.release(upstream, uri, entry, listener);
    try {
      await ask(upstream, uri, entry);
    } catch (error) {
      release();
      throw error;
    }
    return release;
  }

  updated(upstream: Upstream, uri: string): void {
    for (const listener of this.watched.get(upstream)?.get(uri)?.listeners ?? []) listener();
  }

  /** The upstream may have a new session: what was watched on the last one is watched on this. */
  renew(upstream: Upstream): void {
    for (const [uri, entry] of this.watched.get(upstream) ?? []) ask(upstream, uri, entry).catch(() => undefined);
  }

  private release(upstream: Upstream, uri: string, entry: Watched, listener: () => void): void {
    entry.listeners.delete(listener);
    const resources = this.watched.get(upstream);
    if (entry.listeners.size > 0 || resources?.get(uri) !== entry) return;
    resources.delete(uri);
    if (resources.size === 0) this.watched.delete(upstream);
    entry.peer?.unwatchResource(uri).catch(() => undefined);
  }
}

async function ask(upstream: Upstream, uri: string, entry: Watched): Promise<void> {
  const { peer } = upstream.link;
  if (peer === undefined) throw new Error('not connected');
  if (entry.peer === peer) return;
  entry.peer = peer;
  await peer.watchResource(uri);
}
