// Params of `tool.register` (PROTOCOL.md §5).
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsObject, IsOptional, IsString, Matches, MaxLength, ValidateNested } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

import { TOOL_NAME } from './tool-source.js';

export class AgentToolDto {
  @JSONSchema({ description: '1 to 128 of `A-Za-z0-9_.-`.' })
  @IsString()
  @Matches(TOOL_NAME)
  name!: string;

  @IsString()
  @MaxLength(4096)
  description!: string;

  @JSONSchema({ description: 'JSON Schema of the arguments; the server checks them before it asks the agent.' })
  @IsObject()
  inputSchema!: Record<string, unknown>;

  @IsOptional()
  @IsObject()
  outputSchema?: Record<string, unknown>;

  @JSONSchema({ description: 'Hints in MCP’s words.' })
  @IsOptional()
  @IsObject()
  annotations?: Record<string, unknown>;
}

export class RegisterToolsDto {
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @ValidateNested({ each: true })
  @Type(() => AgentToolDto)
  tools!: AgentToolDto[];
}
