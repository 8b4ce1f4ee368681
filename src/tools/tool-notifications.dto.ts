// What callers are told of a running tool, and what an agent is asked that offers one (PROTOCOL.md §5), for the AsyncAPI document.
import { Type } from 'class-transformer';
import { Equals, IsIn, IsInt, IsNumber, IsObject, IsOptional, IsString, Min, ValidateNested } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

import { IsRequestId } from '../validation/wire-rules.js';
import { ToolContentDto, ToolErrorDto } from './tool-answers.dto.js';

export class ToolProgressDto {
  @IsRequestId()
  request_id!: string | number;

  @IsNumber()
  progress!: number;

  @IsOptional()
  @IsNumber()
  total?: number;

  @IsOptional()
  @IsString()
  message?: string;
}

export class AskedToolDto {
  @IsString()
  name!: string;

  @JSONSchema({ description: 'Valid for the tool’s `inputSchema`.' })
  @IsObject()
  arguments!: Record<string, unknown>;

  @Equals(true)
  stream!: true;
}

/** As the server itself answers `tool.execute`, but that two members may be left out. */
export class AgentAnswerDto {
  @IsOptional()
  @IsString()
  tool?: string;

  @IsIn(['completed', 'failed'])
  status!: 'completed' | 'failed';

  @IsOptional()
  @ValidateNested()
  @Type(() => ToolContentDto)
  result?: ToolContentDto;

  @IsOptional()
  @ValidateNested()
  @Type(() => ToolErrorDto)
  error?: ToolErrorDto;

  @IsOptional()
  @IsInt()
  @Min(0)
  duration_ms?: number;
}
