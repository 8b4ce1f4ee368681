// All tools that can be called, whatever source they come from. Not which of them a caller may use: tool-access.ts.
import { Injectable } from '@nestjs/common';

import type { RegisteredTool, ToolSource } from './tool-source.js';

type ChangeListener = (tenant: string | null) => void;

@Injectable()
export class ToolRegistry {
  private readonly sources: ToolSource[] = [];
  private readonly listeners = new Set<ChangeListener>();

  /** Adds a source; where two have a tool of one name, the one added first is called. Returns the way to remove it. */
  add(source: ToolSource): () => void {
    this.sources.push(source);
    const stopListening = source.onChanged((tenant) => this.changed(tenant));
    this.changed(null);
    return () => {
      stopListening();
      this.sources.splice(this.sources.indexOf(source), 1);
      this.changed(null);
    };
  }

  find(tenant: string, name: string): RegisteredTool | undefined {
    const { sources } = this;
    for (let i = 0; i < sources.length; i++) {
      const tool = (sources[i] as ToolSource).find(tenant, name);
      if (tool !== undefined) return tool;
    }
    return undefined;
  }

  /** The source whose name it is to give, if there is one. */
  reservedBy(tenant: string, name: string): ToolSource | undefined {
    return this.sources.find((source) => source.reserves?.(tenant, name) === true);
  }

  /** The tenant's tools by name, each name once. */
  list(tenant: string): RegisteredTool[] {
    const byName = new Map<string, RegisteredTool>();
    for (const source of this.sources) {
      for (const tool of source.list(tenant)) {
        if (!byName.has(tool.name)) byName.set(tool.name, tool);
      }
    }
    return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Told which tenant's tools are others now; null: every tenant's. Returns the way to take it back. */
  onChanged(listener: ChangeListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private changed(tenant: string | null): void {
    for (const listener of this.listeners) listener(tenant);
  }
}
