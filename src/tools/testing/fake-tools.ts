// Tools and a source of them for specs, changed when a spec says so.
import type { RegisteredTool, ToolSource } from '../tool-source.js';

export function fakeTool(options: Partial<RegisteredTool> & { name: string }): RegisteredTool {
  return {
    description: `The tool ${options.name}`,
    inputSchema: { type: 'object' },
    source: 'fake',
    scopes: [],
    validate: () => null,
    execute: (args) => args,
    ...options,
  };
}

export class FakeToolSource implements ToolSource {
  readonly name = 'fake';
  private readonly listeners = new Set<(tenant: string | null) => void>();

  constructor(private tools: readonly RegisteredTool[]) {}

  list(): readonly RegisteredTool[] {
    return this.tools;
  }

  find(_tenant: string, name: string): RegisteredTool | undefined {
    return this.tools.find((tool) => tool.name === name);
  }

  onChanged(listener: (tenant: string | null) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  replace(tools: readonly RegisteredTool[], tenant: string | null = null): void {
    this.tools = tools;
    for (const listener of this.listeners) listener(tenant);
  }
}
