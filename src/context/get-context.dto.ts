// Params of `context.get` (PROTOCOL.md §5).
import { IsInt, IsOptional, IsString, Matches, Max, Min } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

import { Alias } from '../extension/alias.decorator.js';
import { IsContextId } from './context-members.js';

export class GetContextDto {
  @Alias('id')
  @IsContextId()
  context_id!: string;

  @JSONSchema({ description: 'Items, the newest ones. Default 200; 0 for none.' })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(1_000)
  limit?: number;

  @JSONSchema({ description: 'Id of an item: only those before it, for reading backwards. It need not be there any longer.' })
  @IsOptional()
  @IsString()
  @Matches(/^i[0-9]{1,15}$/)
  before?: string;
}
