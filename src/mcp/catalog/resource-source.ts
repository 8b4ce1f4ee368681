// The port to a place that resources come from: contexts, other servers, a team's own module.
import type { BlobResourceContents, Resource, ResourceTemplateType, TextResourceContents } from '@modelcontextprotocol/server';

import type { Caller } from '../../extension/caller.js';
import type { CompletionParams, CompletionValues } from './completion.js';

export type Contents = TextResourceContents | BlobResourceContents;

export interface ResourcePage {
  readonly resources: readonly Resource[];
  readonly nextCursor?: string | undefined;
}

export interface ResourceSource {
  /** Unique; part of cursors. */
  readonly name: string;
  /** Those that the caller may read; none where it may read none. @throws Failure `invalid_params` for a cursor of another list */
  list(caller: Caller, cursor: string | undefined): ResourcePage | Promise<ResourcePage>;
  listTemplates(caller: Caller): readonly ResourceTemplateType[] | Promise<readonly ResourceTemplateType[]>;
  /** Whether a URI is of this source, there or not. */
  owns(caller: Caller, uri: string): boolean;
  /** @throws Failure `not_found`, `forbidden`; `InputRequired` */
  read(caller: Caller, uri: string): Promise<readonly Contents[]> | readonly Contents[];
  /** Calls back at every change of the resource. @returns the way to take it back. @throws Failure `not_found`, `forbidden` */
  watch(caller: Caller, uri: string, onUpdated: () => void): Promise<() => void> | (() => void);
  complete?(caller: Caller, params: CompletionParams): Promise<CompletionValues> | CompletionValues;
  /** Told whose list is another now; null: every tenant's. Returns the way to take it back. */
  onListChanged(listener: (tenants: readonly string[] | null) => void): () => void;
}
