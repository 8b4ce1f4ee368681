// Which class a `@ValidateNested` member holds: what class-transformer's `@Type` says, else the member's declared class.
import { createRequire } from 'node:module';

import type { MetadataStorage } from 'class-transformer/types/MetadataStorage.js';

import type { DtoClass } from '../extension/tool.decorator.js';

// class-transformer shows its storage at no public door; this is the file that its own index requires, so the same storage.
const { defaultMetadataStorage } = createRequire(import.meta.url)('class-transformer/cjs/storage.js') as {
  defaultMetadataStorage: MetadataStorage;
};

/** @throws Error where nothing says which class it is */
export function nestedClassOf(dto: DtoClass, member: string): { readonly nested: DtoClass; readonly isArray: boolean } {
  const declared = Reflect.getMetadata('design:type', dto.prototype as object, member) as DtoClass | undefined;
  const isArray = declared === Array;
  const nested = (defaultMetadataStorage.findTypeMetadata(dto, member)?.typeFunction() as DtoClass | undefined) ?? declared;
  if (nested === undefined || isBuiltIn(nested)) throw new Error(`${dto.name}.${member}: @ValidateNested needs @Type(() => TheClass)`);
  return { nested, isArray };
}

/** Whether the value itself says which of several classes it is: no schema here says that. */
export const isDiscriminated = (dto: DtoClass, member: string): boolean =>
  defaultMetadataStorage.findTypeMetadata(dto, member)?.options?.discriminator !== undefined;

const isBuiltIn = (type: unknown): boolean => [Object, Array, String, Number, Boolean, Map, Set, Date].includes(type as ObjectConstructor);
