// The rules of a DTO that no schema can say (custom validators, conditions), checked by class-validator itself.
// Runs after the schema's part: the value has the declared shape, and nothing in it is unknown.
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';

import type { ParamError } from '../extension/failure.js';
import type { DtoClass } from '../extension/tool.decorator.js';
import { pointerPart } from './param-errors.js';

/** Undefined where the class has nothing against the value. The value itself is not changed. */
export function classRuleErrors(dto: DtoClass, value: object): readonly ParamError[] | undefined {
  const instance = plainToInstance(dto as new () => object, value);
  const errors = validateSync(instance, { whitelist: true, forbidNonWhitelisted: true, validationError: { target: false, value: false } });
  return errors.length === 0 ? undefined : errors.flatMap((error) => flat(error, ''));
}

function flat({ property, constraints, children }: ValidationError, parent: string): ParamError[] {
  const path = parent + pointerPart(property);
  const own = Object.values(constraints ?? {}).map((message) => ({ path, message }));
  return [...own, ...(children ?? []).flatMap((child) => flat(child, path))];
}
