// Checks the body and the query of REST requests against their DTO classes: the same rules and words as for params over /ws.
import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';

import type { DtoClass } from '../extension/tool.decorator.js';
import { Failure } from '../extension/failure.js';
import { compileDto, type DtoValidator } from '../validation/compile-dto.js';

const NUMBER = /^-?\d{1,15}$/;

@Injectable()
export class RestParamsPipe implements PipeTransform {
  /** @throws Failure invalid_params */
  transform(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
    if (metatype === undefined || (type !== 'body' && type !== 'query')) return value;
    const dto = compileDto(metatype as DtoClass);
    const params = dto.normalise(type === 'query' ? withNumbers(value, dto.schema) : (value ?? {}));
    const errors = dto.validate(params);
    if (errors !== null) throw Failure.invalidParams(errors);
    return params;
  }
}

/** A query is text: members that are to be whole numbers are read as such. */
function withNumbers(query: unknown, { properties }: DtoValidator['schema']): Record<string, unknown> {
  const members = Object.entries((query ?? {}) as Record<string, unknown>).map(([name, value]) => {
    const rule = Object.hasOwn(properties ?? {}, name) ? (properties as Record<string, { type?: unknown }>)[name] : undefined;
    const isNumber = rule?.type === 'integer' && typeof value === 'string' && NUMBER.test(value);
    return [name, isNumber ? Number(value) : value];
  });
  return Object.fromEntries(members) as Record<string, unknown>;
}
