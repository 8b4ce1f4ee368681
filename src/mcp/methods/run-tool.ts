// Runs a tool for an MCP call.
import type { ToolOutcome } from '../../tools/tool-runner.js';
import type { ToolService } from '../../tools/tool.service.js';
import type { McpCall } from '../mcp-call.js';
import { callResult } from './call-result.js';

/** @returns MCP's `CallToolResult`, at once where the tool answers so. @throws Failure as `ToolService.execute`; `InputRequired` */
export function runTool(tools: ToolService, call: McpCall, name: string, args: Readonly<Record<string, unknown>>): unknown {
  const stream = call.progressToken !== undefined;
  const outcome = tools.execute(call, { name, arguments: args, stream });
  const { version } = call.caller;
  if (outcome instanceof Promise) return outcome.then((value: ToolOutcome) => callResult(value, version));
  return callResult(outcome, version);
}
