// Results of the `context.*` methods (PROTOCOL.md §5), for the AsyncAPI document. What they are made of is context.ts.
import { Type } from 'class-transformer';
import { Equals, IsArray, IsIn, IsInt, IsNumber, IsObject, IsOptional, IsString, Matches, Min, ValidateNested } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

import { IsTimestamp } from '../validation/wire-rules.js';
import { IsContextId, IsContextName } from './context-members.js';
import {
  type Context,
  type ContextMatch,
  type ContextSummary,
  type ContextItem,
  type Role,
  ROLES,
  type Truncation,
  TRUNCATIONS,
} from './context.js';

export class StoredItemDto implements ContextItem {
  @JSONSchema({ description: '`i` and its number in the context; numbers rise and are never used again.' })
  @IsString()
  @Matches(/^i\d+$/)
  id!: string;

  @IsIn(ROLES)
  role!: Role;

  @IsString()
  content!: string;

  @JSONSchema({ description: 'By o200k_base.' })
  @IsInt()
  @Min(1)
  tokens!: number;

  @IsOptional()
  @IsObject()
  metadata?: Record<string, unknown>;

  @IsTimestamp()
  created_at!: string;
}

/** A context without its items. */
export class ContextSummaryDto implements ContextSummary {
  @IsContextId()
  id!: string;

  @IsContextName()
  name!: string;

  @IsString()
  tenant_id!: string;

  @JSONSchema({ description: 'The principal that created it.' })
  @IsString()
  agent_id!: string;

  @JSONSchema({ description: '1, then one more with every change.' })
  @IsInt()
  @Min(1)
  version!: number;

  @IsObject()
  metadata!: Record<string, unknown>;

  @IsInt()
  @Min(0)
  item_count!: number;

  @IsInt()
  @Min(0)
  current_tokens!: number;

  @IsInt()
  @Min(1)
  max_tokens!: number;

  @IsIn(TRUNCATIONS)
  truncation!: Truncation;

  @IsTimestamp()
  created_at!: string;

  @IsTimestamp()
  updated_at!: string;

  @IsOptional()
  @IsTimestamp()
  expires_at?: string;

  @JSONSchema({ description: 'Of a change: how many items went to make room. Absent where none did.' })
  @IsOptional()
  @IsInt()
  @Min(1)
  truncated?: number;
}

export class ContextDto extends ContextSummaryDto implements Context {
  @JSONSchema({ description: 'Oldest first.' })
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => StoredItemDto)
  items!: StoredItemDto[];
}

export class ContextPageDto {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ContextSummaryDto)
  contexts!: ContextSummaryDto[];

  @JSONSchema({ description: 'Absent on the last page.' })
  @IsOptional()
  @IsString()
  next_cursor?: string;
}

export class DeletedContextDto {
  @Equals(true)
  deleted!: true;
}

export class ContextMatchDto implements ContextMatch {
  @IsContextId()
  context_id!: string;

  @IsString()
  item_id!: string;

  @IsIn(ROLES)
  role!: Role;

  @JSONSchema({ description: 'The words around the match.' })
  @IsString()
  snippet!: string;

  @JSONSchema({ description: '1 for the best match, less for the others.' })
  @IsNumber()
  score!: number;
}

export class ContextMatchesDto {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ContextMatchDto)
  matches!: ContextMatchDto[];
}
