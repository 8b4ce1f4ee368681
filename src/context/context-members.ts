// The rules of members that several of the context methods' params share.
import { applyDecorators } from '@nestjs/common';
import { IsObject, IsIn, IsOptional, IsString, Length, Matches, MaxLength } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

import { compileDto } from '../validation/compile-dto.js';
import { ROLES, type Role } from './context.js';

/** Letters of UTF-16 that one item may have. */
export const MAX_CONTENT_LENGTH = 1_048_576;
/** Items that one call may bring. */
const MAX_ITEMS = 1_000;

/** 1–128 of `A-Za-z0-9_.:-`. */
export const IsContextId = (): PropertyDecorator => applyDecorators(IsString(), Matches(/^[A-Za-z0-9_.:-]{1,128}$/));

/** 1–256 characters, none of them a control character or half of one. */
export const IsContextName = (): PropertyDecorator => applyDecorators(IsString(), Length(1, 256), Matches(/^[^\p{Cc}\p{Cs}]*$/u));

export class ContextItemDto {
  @IsIn(ROLES)
  role!: Role;

  @IsString()
  @MaxLength(MAX_CONTENT_LENGTH)
  content!: string;

  @IsOptional()
  @IsObject()
  metadata?: Record<string, unknown>;
}

/** Text, which is one item of role `user`, or items. */
export type Content = string | ContextItemDto[];

const items = { type: 'array', maxItems: MAX_ITEMS, items: compileDto(ContextItemDto).schema };

const Keywords = (schema: object): PropertyDecorator => JSONSchema(schema as Parameters<typeof JSONSchema>[0]) as PropertyDecorator;

/** Each keyword speaks of its own type alone: a text has no items, and items have no length. */
export const IsContent = (): PropertyDecorator => Keywords({ ...items, type: ['string', 'array'], maxLength: MAX_CONTENT_LENGTH });

export const IsItems = (): PropertyDecorator => Keywords(items);
