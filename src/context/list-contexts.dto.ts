// Params of `context.list` (PROTOCOL.md §5).
import { IsIn, IsInt, IsOptional, IsString, Length, Max, MaxLength, Min } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

import { CONTEXT_ORDERS, type ContextOrder } from './context-order.js';

export class ListContextsDto {
  @JSONSchema({ description: 'Only contexts that this principal created.' })
  @IsOptional()
  @IsString()
  @Length(1, 512)
  agent_id?: string;

  @JSONSchema({ description: 'Only contexts whose name begins so; the case of letters matters.' })
  @IsOptional()
  @IsString()
  @MaxLength(256)
  name_prefix?: string;

  @JSONSchema({ description: 'Default 50.' })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(200)
  limit?: number;

  @JSONSchema({ description: '`next_cursor` of the page before, with the same `order`.' })
  @IsOptional()
  @IsString()
  @Length(1, 2_048)
  cursor?: string;

  @JSONSchema({ description: 'Default `created_at:desc`. Without `:asc` or `:desc`, times are newest first and names from A.' })
  @IsOptional()
  @IsIn(CONTEXT_ORDERS)
  order?: ContextOrder;
}
