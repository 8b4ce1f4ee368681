// Tools that are there on the first day and belong to no feature.
import { jsonValueOf } from '@mcpw/protocol';
import { Injectable } from '@nestjs/common';

import { Tool, type ToolOutput } from '../extension/tool.decorator.js';

@Injectable()
export class BuiltinTools {
  @Tool({
    name: 'echo',
    description: 'Returns its arguments as they came, as text and as structured content. For trying a connection and for measuring it.',
    annotations: { title: 'Echo', readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  })
  echo(args: Record<string, unknown>): ToolOutput {
    return { content: [{ type: 'text', text: JSON.stringify(jsonValueOf(args)) }], structured: args };
  }
}
