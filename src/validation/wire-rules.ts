// Rules of members that messages of several features have.
import { applyDecorators } from '@nestjs/common';
import { IsDefined, IsString, Matches } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

/** RFC 3339, UTC, with milliseconds. */
export const IsTimestamp = (): PropertyDecorator =>
  applyDecorators(IsString(), Matches(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/), JSONSchema({ format: 'date-time' }));

const REQUEST_ID = { type: ['string', 'integer'], description: 'The id of the request; of a binary one its sequence id, a number.' };

/** A string in JSON, a frame's sequence id in binary. */
export const IsRequestId = (): PropertyDecorator =>
  applyDecorators(IsDefined(), JSONSchema((() => REQUEST_ID) as Parameters<typeof JSONSchema>[0]));
