// All resources and prompts that MCP clients see, whatever source they come from. A team's own module adds sources of its own.
import { Injectable } from '@nestjs/common';

import type { Caller } from '../../extension/caller.js';
import type { PromptSource } from './prompt-source.js';
import type { ResourceSource } from './resource-source.js';

export type CatalogKind = 'resources' | 'prompts';
type ChangeListener = (kind: CatalogKind, tenants: readonly string[] | null) => void;

interface ListedSource {
  readonly name: string;
  onListChanged(listener: (tenants: readonly string[] | null) => void): () => void;
}

@Injectable()
export class McpCatalog {
  readonly resources: ResourceSource[] = [];
  readonly prompts: PromptSource[] = [];
  private readonly listeners = new Set<ChangeListener>();

  /** Where two own one URI, the one added first is asked. Returns the way to remove it. */
  addResources(source: ResourceSource): () => void {
    return this.add('resources', this.resources, source);
  }

  addPrompts(source: PromptSource): () => void {
    return this.add('prompts', this.prompts, source);
  }

  resourceOwner(caller: Caller, uri: string): ResourceSource | undefined {
    return this.resources.find((source) => source.owns(caller, uri));
  }

  promptOwner(caller: Caller, name: string): PromptSource | undefined {
    return this.prompts.find((source) => source.owns(caller, name));
  }

  /** Returns the way to take it back. */
  onChanged(listener: ChangeListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private add<Source extends ListedSource>(kind: CatalogKind, sources: Source[], source: Source): () => void {
    sources.push(source);
    const stopListening = source.onListChanged((tenants) => this.changed(kind, tenants));
    this.changed(kind, null);
    return () => {
      stopListening();
      sources.splice(sources.indexOf(source), 1);
      this.changed(kind, null);
    };
  }

  private changed(kind: CatalogKind, tenants: readonly string[] | null): void {
    for (const listener of this.listeners) listener(kind, tenants);
  }
}
