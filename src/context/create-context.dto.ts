// Params of `context.create` (PROTOCOL.md §5).
import { IsIn, IsInt, IsObject, IsOptional, Max, Min } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

import { type Content, IsContent, IsContextId, IsContextName } from './context-members.js';
import { type Truncation, TRUNCATIONS } from './context.js';

const TEN_YEARS_S = 315_360_000;

export class CreateContextDto {
  @IsContextName()
  name!: string;

  @JSONSchema({ description: 'Default: one of the server’s making.' })
  @IsOptional()
  @IsContextId()
  id?: string;

  @IsOptional()
  @IsContent()
  content?: Content;

  @JSONSchema({ description: 'At most 64 KB as JSON, and 32 deep.' })
  @IsOptional()
  @IsObject()
  metadata?: Record<string, unknown>;

  @JSONSchema({ description: 'Default, and at most: the server’s `contexts.max_tokens`.' })
  @IsOptional()
  @IsInt()
  @Min(1)
  max_tokens?: number;

  @JSONSchema({ description: 'Default: `reject`.' })
  @IsOptional()
  @IsIn(TRUNCATIONS)
  truncation?: Truncation;

  @JSONSchema({ description: 'Seconds from now after which the context is gone. Default: it stays.' })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(TEN_YEARS_S)
  ttl_seconds?: number;
}
