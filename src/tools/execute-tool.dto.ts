// Params of `tool.execute` (PROTOCOL.md §5).
import { IsBoolean, IsObject, IsOptional, IsString, Length } from 'class-validator';

import { Alias } from '../extension/alias.decorator.js';

export class ExecuteToolDto {
  @Alias('tool', 'tool_id')
  @IsString()
  @Length(1, 128)
  name!: string;

  /** As the tool's `inputSchema` says. */
  @Alias('args', 'parameters')
  @IsOptional()
  @IsObject()
  arguments?: Record<string, unknown>;

  /** Whether `tool.progress` is wanted. */
  @IsOptional()
  @IsBoolean()
  stream?: boolean;
}
