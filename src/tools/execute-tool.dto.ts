// Params of `tool.execute` (PROTOCOL.md §5).
import { IsBoolean, IsObject, IsOptional, IsString, Length } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

import { Alias } from '../extension/alias.decorator.js';

export class ExecuteToolDto {
  @Alias('tool', 'tool_id')
  @IsString()
  @Length(1, 128)
  name!: string;

  @JSONSchema({ description: 'As the tool’s `inputSchema` says.' })
  @Alias('args', 'parameters')
  @IsOptional()
  @IsObject()
  arguments?: Record<string, unknown>;

  @JSONSchema({ description: 'Whether `tool.progress` is wanted.' })
  @IsOptional()
  @IsBoolean()
  stream?: boolean;
}
