// What the REST routes of API keys take.
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsInt,
  IsOptional,
  IsRFC3339,
  IsString,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

import { MAX_SCOPES, SCOPE_NAME, SCOPE_NAME_RULE, TENANT_NAME, TENANT_NAME_RULE } from './names.js';

/** No control characters: names are shown in tables and logs. */
const KEY_NAME = /^[^\p{C}]*$/u;

export class CreateKeyDto {
  @ApiProperty({ example: 'build agent', maxLength: 128, description: 'For people; need not be unique' })
  @IsString()
  @Length(1, 128)
  @Matches(KEY_NAME, { message: 'must be without control characters' })
  name!: string;

  @ApiProperty({ example: 'default', description: TENANT_NAME_RULE })
  @IsString()
  @Matches(TENANT_NAME, { message: `must be ${TENANT_NAME_RULE}` })
  tenant!: string;

  @ApiProperty({ type: [String], example: ['tools:read', 'tools:execute'], description: 'What the key may do; `admin` includes all' })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_SCOPES)
  @ArrayUnique()
  @IsString({ each: true })
  @Matches(SCOPE_NAME, { each: true, message: `must each be ${SCOPE_NAME_RULE}` })
  scopes!: string[];

  @ApiPropertyOptional({ example: '2030-01-01T00:00:00.000Z', description: 'RFC 3339; without it the key has no end' })
  @IsOptional()
  @IsString()
  @MaxLength(64)
  @IsRFC3339()
  expires_at?: string;
}

export class ListKeysDto {
  @ApiPropertyOptional({ default: 100, minimum: 1, maximum: 1000 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1000)
  limit?: number;

  @ApiPropertyOptional({ description: '`next_cursor` of the page before' })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  cursor?: string;

  @ApiPropertyOptional({ description: 'Only keys of this tenant. Others than their own are empty to admins of a tenant.' })
  @IsOptional()
  @IsString()
  @Length(1, 128)
  tenant?: string;
}
