// The port to a place that tools come from: this server's own code, connected agents, other servers.
// Not who may use a tool (tool-access.ts) and not how a call is answered (tool-runner.ts).
import type { Failure, ParamError } from '../extension/failure.js';
import type { ToolAnnotations, ToolCaller, ToolReturn } from '../extension/tool.decorator.js';

/** A tool that can be called. Immutable: a source that changes one makes another, since views and verdicts are kept by identity. */
export interface RegisteredTool {
  /** 1–128 of `A-Za-z0-9_.-`; also the `id` on the wire. */
  readonly name: string;
  readonly description: string;
  /** JSON Schema of `arguments`. */
  readonly inputSchema: object;
  readonly outputSchema?: object | undefined;
  readonly annotations?: ToolAnnotations | undefined;
  /** The source's name. */
  readonly source: string;
  /** Scopes a caller needs beside `tools:execute`. */
  readonly scopes: readonly string[];
  readonly timeoutMs?: number | undefined;
  /** @returns what is wrong with the arguments, paths relative to them; null when they are good */
  validate(args: object): readonly ParamError[] | null;
  /**
   * Runs it with valid arguments. A plain value where it can, since a promise costs the hot path a timer.
   * @throws Failure|Error the tool ran and failed
   * @throws NoOutcome the source could not run it
   */
  execute(args: Readonly<Record<string, unknown>>, caller: ToolCaller): ToolReturn | Promise<ToolReturn>;
}

export interface ToolSource {
  /** `source` of its tools, e.g. `local`. */
  readonly name: string;
  /** What the tenant has of it, in any order. */
  list(tenant: string): readonly RegisteredTool[];
  find(tenant: string, name: string): RegisteredTool | undefined;
  /** Whether the name is its to give, although no tool has it now, so that nobody takes it meanwhile. Absent: none is. */
  reserves?(tenant: string, name: string): boolean;
  /** Told which tenant's tools are others now; null: every tenant's. Returns the way to take it back. */
  onChanged(listener: (tenant: string | null) => void): () => void;
}

/**
 * The call has no outcome of its tool, and the failure is its answer: the tool could not be run, or was given up.
 * A failure that a tool itself throws is its outcome, `status: 'failed'`.
 */
export class NoOutcome extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message, { cause: failure });
  }
}

/** Tool names of PROTOCOL.md §5. */
export const TOOL_NAME = /^[A-Za-z0-9_.-]{1,128}$/;
