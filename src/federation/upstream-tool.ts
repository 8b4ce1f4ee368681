// A tool of an upstream, as this server's tools are.
import type { ParamError } from '../extension/failure.js';
import type { ToolAnnotations, ToolCaller, ToolReturn } from '../extension/tool.decorator.js';
import type { RegisteredTool } from '../tools/tool-source.js';
import { lazySchema } from '../validation/lazy-schema.js';
import type { ListedTool } from './listed-tools.js';

export type CallUpstream = (tool: UpstreamTool, args: Readonly<Record<string, unknown>>, caller: ToolCaller) => Promise<ToolReturn>;

const HEADER_KEYWORD = '"x-mcp-header"';

export class UpstreamTool implements RegisteredTool {
  readonly description: string;
  readonly inputSchema: object;
  readonly outputSchema: object | undefined;
  readonly annotations: ToolAnnotations | undefined;
  readonly scopes: readonly string[] = [];
  /** Some of its arguments go as HTTP headers too. */
  readonly wantsHeaders: boolean;
  readonly validate: (args: object) => readonly ParamError[] | null;

  constructor(
    readonly name: string,
    readonly source: string,
    private readonly listed: ListedTool,
    readonly timeoutMs: number | undefined,
    private readonly call: CallUpstream,
  ) {
    this.description = listed.description;
    this.inputSchema = listed.inputSchema;
    this.outputSchema = listed.outputSchema;
    const validator = lazySchema(listed.inputSchema);
    this.validate = (args) => validator.validate(args);
    this.annotations = listed.annotations;
    this.wantsHeaders = JSON.stringify(listed.inputSchema).includes(HEADER_KEYWORD);
  }

  /** What the upstream calls it. */
  get originalName(): string {
    return this.listed.name;
  }

  execute(args: Readonly<Record<string, unknown>>, caller: ToolCaller): Promise<ToolReturn> {
    return this.call(this, args, caller);
  }

  /** Whether the other may stay in this one's place, with what is kept of it by identity. */
  isSameAs(other: UpstreamTool): boolean {
    return this.name === other.name && JSON.stringify(this.listed) === JSON.stringify(other.listed);
  }
}
