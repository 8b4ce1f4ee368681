// The port to resources and prompts of upstreams, for who speaks MCP to clients. Tools are not here: they are in the tool registry.
import type { Caller } from '../extension/caller.js';

/** A resource, resource template or prompt, as its upstream describes it, under the name or URI that it has here. */
export type CatalogItem = Readonly<Record<string, unknown>>;

/** What of a caller the catalog needs. */
export type CatalogCaller = Pick<Caller, 'principal' | 'meta' | 'signal' | 'client' | 'traceAnswer'>;

export interface CompletionParams {
  readonly ref: { readonly type: 'ref/prompt'; readonly name: string } | { readonly type: 'ref/resource'; readonly uri: string };
  readonly argument: { readonly name: string; readonly value: string };
  readonly context?: { readonly arguments?: Readonly<Record<string, string>> };
}

export interface CatalogChanges {
  /** @param tenants whose list is another now; null: every tenant's */
  listChanged(what: 'resources' | 'prompts', tenants: readonly string[] | null): void;
}

/**
 * URIs are the upstream's own behind a prefix (`files+file:///a.txt`), prompts are `<source>.<name>`. Lists leave out upstreams that
 * do not answer. All that names one thing throws `Failure`: `not_found`, `unavailable`, `timed_out`, `cancelled`, `forbidden`,
 * or `invalid_params` with the upstream's words.
 */
export interface UpstreamCatalog {
  listResources(caller: CatalogCaller): Promise<CatalogItem[]>;
  listResourceTemplates(caller: CatalogCaller): Promise<CatalogItem[]>;
  /** @returns MCP's `ReadResourceResult` */
  readResource(caller: CatalogCaller, uri: string): Promise<{ readonly contents: readonly CatalogItem[] }>;
  listPrompts(caller: CatalogCaller): Promise<CatalogItem[]>;
  /** @returns MCP's `GetPromptResult` */
  getPrompt(caller: CatalogCaller, name: string, args: Readonly<Record<string, string>>): Promise<CatalogItem>;
  /** @returns MCP's `CompleteResult` */
  complete(caller: CatalogCaller, params: CompletionParams): Promise<CatalogItem>;
  /** Whether the URI is an upstream's that the tenant sees. */
  owns(tenant: string, uri: string): boolean;
  /** Calls back at every update of the resource. Returns the way to take it back. */
  subscribe(caller: CatalogCaller, uri: string, onUpdated: () => void): Promise<() => void>;
  /** Returns the way to take it back. */
  onChanged(changes: CatalogChanges): () => void;
}
export const UpstreamCatalog = Symbol('UpstreamCatalog');
