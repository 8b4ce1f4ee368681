// Params of `context.delete` (PROTOCOL.md §5).
import { IsInt, IsOptional, Min } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

import { Alias } from '../extension/alias.decorator.js';
import { IsContextId } from './context-members.js';

export class DeleteContextDto {
  @Alias('id')
  @IsContextId()
  context_id!: string;

  @JSONSchema({ description: 'The version that is to be deleted: any other is a conflict.' })
  @IsOptional()
  @IsInt()
  @Min(1)
  version?: number;
}
