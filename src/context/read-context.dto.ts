// Arguments of the tool `context_read`.
import { IsInt, IsOptional, IsString, Matches, Max, Min } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

import { IsContextId } from './context-members.js';

export class ReadContextDto {
  @JSONSchema({ description: 'Id of the context.' })
  @IsContextId()
  context_id!: string;

  @JSONSchema({ description: 'How many items at most. Default: 200.' })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(1_000)
  limit?: number;

  @JSONSchema({ description: 'Id of an item: only older ones.' })
  @IsOptional()
  @IsString()
  @Matches(/^i[0-9]{1,15}$/)
  before?: string;
}
