// Params of `context.update` (PROTOCOL.md §5). At least one of `content`, `replace`, `metadata` and `name` is given.
import { IsInt, IsObject, IsOptional, Min } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

import { Alias } from '../extension/alias.decorator.js';
import { type Content, type ContextItemDto, IsContent, IsContextId, IsContextName, IsItems } from './context-members.js';

export class UpdateContextDto {
  @Alias('id')
  @IsContextId()
  context_id!: string;

  @JSONSchema({ description: 'The version that the change is made for: any other is a conflict.' })
  @IsOptional()
  @IsInt()
  @Min(1)
  version?: number;

  /** Appended, after `replace` where both are given. */
  @IsOptional()
  @IsContent()
  content?: Content;

  /** Takes the place of all items. */
  @IsOptional()
  @IsItems()
  replace?: ContextItemDto[];

  @JSONSchema({ description: 'A JSON Merge Patch (RFC 7396): members that are null are removed.' })
  @IsOptional()
  @IsObject()
  metadata?: Record<string, unknown>;

  @IsOptional()
  @IsContextName()
  name?: string;
}
