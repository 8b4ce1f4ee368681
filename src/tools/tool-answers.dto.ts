// Results of the `tool.*` methods (PROTOCOL.md §5), for the AsyncAPI document.
import { Type } from 'class-transformer';
import { IsArray, IsIn, IsInt, IsObject, IsOptional, IsString, Matches, Min, ValidateNested } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

import type { ContentBlock } from '../extension/tool.decorator.js';
import { CONTENT_BLOCK } from './content-block-schema.js';
import type { ListedTool } from './tool-catalog.js';
import { TOOL_NAME } from './tool-source.js';

export class ListedToolDto implements ListedTool {
  @IsString()
  @Matches(TOOL_NAME)
  id!: string;

  @JSONSchema({ description: 'Of a federated tool `<source>.<name>`.' })
  @IsString()
  @Matches(TOOL_NAME)
  name!: string;

  @IsString()
  description!: string;

  @JSONSchema({ description: 'JSON Schema of the arguments.' })
  @IsObject()
  inputSchema!: Record<string, unknown>;

  @JSONSchema({ description: 'JSON Schema of the structured result.' })
  @IsOptional()
  @IsObject()
  outputSchema?: Record<string, unknown>;

  @JSONSchema({ description: 'Hints in MCP’s words.' })
  @IsOptional()
  @IsObject()
  annotations?: Record<string, unknown>;

  @JSONSchema({ description: '`local`, `agents`, or another server’s name.' })
  @IsString()
  source!: string;
}

export class ToolPageDto {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ListedToolDto)
  tools!: ListedToolDto[];

  @JSONSchema({ description: 'Absent on the last page.' })
  @IsOptional()
  @IsString()
  next_cursor?: string;
}

export class ToolContentDto {
  @JSONSchema({ items: CONTENT_BLOCK, description: 'MCP’s content blocks.' } as Parameters<typeof JSONSchema>[0])
  @IsArray()
  content!: ContentBlock[];

  @JSONSchema({ description: 'As the tool’s `outputSchema` says, where it has one.' })
  @IsOptional()
  structured?: unknown;
}

export class ToolErrorDto {
  @IsString()
  message!: string;

  @IsOptional()
  data?: unknown;
}

/** A tool that runs and fails has a result too. */
export class ToolOutcomeDto {
  @IsString()
  tool!: string;

  @IsIn(['completed', 'failed'])
  status!: 'completed' | 'failed';

  @JSONSchema({ description: 'Where it is completed.' })
  @IsOptional()
  @ValidateNested()
  @Type(() => ToolContentDto)
  result?: ToolContentDto;

  @JSONSchema({ description: 'Where it failed.' })
  @IsOptional()
  @ValidateNested()
  @Type(() => ToolErrorDto)
  error?: ToolErrorDto;

  @IsInt()
  @Min(0)
  duration_ms!: number;
}

export class RegisteredToolsDto {
  @IsArray()
  @IsString({ each: true })
  registered!: string[];
}

export class UnregisteredToolsDto {
  @JSONSchema({ description: 'Those of the names that the connection offered.' })
  @IsArray()
  @IsString({ each: true })
  unregistered!: string[];
}
