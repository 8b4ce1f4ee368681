// The port by which tools/ asks whether a tool may be executed now. limits/ implements it, for tools that have a limit.
import type { Failure } from './failure.js';

export interface ToolLimits {
  /** Takes a token of the tool's bucket in this tenant. @returns why not; undefined where it may run */
  admit(tenant: string, tool: string): Failure | undefined;
}
export const ToolLimits = Symbol('ToolLimits');

/** For parts that are used without limits. */
export const NO_TOOL_LIMITS: ToolLimits = { admit: () => undefined };
