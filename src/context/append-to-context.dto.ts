// Arguments of the tool `context_append`.
import { IsIn, IsOptional, IsString, Length } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

import { IsContextId, IsContextName, MAX_CONTENT_LENGTH } from './context-members.js';
import { ROLES, type Role } from './context.js';

export class AppendToContextDto {
  @JSONSchema({ description: 'Id of the context: letters, digits and _ . : -' })
  @IsContextId()
  context_id!: string;

  @JSONSchema({ description: 'The text to append, as one item.' })
  @IsString()
  @Length(1, MAX_CONTENT_LENGTH)
  content!: string;

  @JSONSchema({ description: 'Who says it. Default: user.' })
  @IsOptional()
  @IsIn(ROLES)
  role?: Role;

  @JSONSchema({ description: 'If there is no such context, one of this name is created. Without it, that is an error.' })
  @IsOptional()
  @IsContextName()
  name?: string;
}
