import 'reflect-metadata';

import { Type } from 'class-transformer';
import {
  Allow,
  ArrayMaxSize,
  Equals,
  IsArray,
  IsBoolean,
  IsDefined,
  IsEmail,
  IsEnum,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  Min,
  NotEquals,
  registerDecorator,
  Validate,
  ValidateIf,
  ValidateNested,
  ValidatorConstraint,
  type ValidationArguments,
} from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { describe, expect, it } from 'vitest';

import { Alias } from '../extension/alias.decorator.js';
import { compileDto } from './compile-dto.js';

class PartDto {
  @IsIn(['user', 'tool'])
  role!: string;

  @IsString()
  @Length(1, 10)
  content!: string;

  @IsOptional()
  @IsObject()
  metadata?: Record<string, unknown>;
}

class NoteDto {
  @JSONSchema({ description: 'What it is called.' })
  @IsString()
  @Length(1, 8)
  @Matches(/^[a-z~/]+$/)
  name!: string;

  @Alias('max')
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100)
  limit?: number;

  @IsOptional()
  @IsString({ each: true })
  @IsArray()
  @ArrayMaxSize(3)
  tags?: string[];

  @IsOptional()
  @ValidateNested({ each: true })
  @Type(() => PartDto)
  items?: PartDto[];

  @IsOptional()
  @ValidateNested()
  @Type(() => PartDto)
  main?: PartDto;

  @IsOptional()
  @IsObject()
  metadata?: Record<string, unknown>;
}

const note = compileDto(NoteDto);
const errorsOf = (value: unknown) => note.validate(value);

describe('a class whose rules a schema can say', () => {
  it('becomes one schema, nested classes inside, with what @JSONSchema adds', () => {
    const part = {
      type: 'object',
      properties: {
        role: { enum: ['user', 'tool'] },
        content: { type: 'string', minLength: 1, maxLength: 10 },
        metadata: { type: 'object' },
      },
      additionalProperties: false,
      required: ['role', 'content'],
    };
    expect(note.schema).toEqual({
      type: 'object',
      properties: {
        name: { type: 'string', minLength: 1, maxLength: 8, pattern: '^[a-z~/]+$', description: 'What it is called.' },
        limit: { type: 'integer', minimum: 1, maximum: 100 },
        tags: { type: 'array', maxItems: 3, items: { type: 'string' } },
        items: { type: 'array', items: part },
        main: part,
        metadata: { type: 'object' },
      },
      additionalProperties: false,
      required: ['name'],
    });
  });

  it.each([
    [{ name: 'a' }],
    [
      {
        name: 'a~/',
        limit: 100,
        tags: ['x'],
        items: [{ role: 'user', content: 'é' }],
        main: { role: 'tool', content: 'b' },
        metadata: { a: { b: [1] } },
      },
    ],
  ])('accepts %j', (value) => {
    expect(errorsOf(value)).toBeNull();
  });

  it.each([
    [undefined, '', 'must be object'],
    [[], '', 'must be object'],
    ['x', '', 'must be object'],
    [{}, '/name', 'is required'],
    [{ name: '' }, '/name', 'must NOT have fewer than 1 characters'],
    [{ name: 'A' }, '/name', 'must match pattern "^[a-z~/]+$"'],
    [{ name: 'a', limit: 1.5 }, '/limit', 'must be integer'],
    [{ name: 'a', limit: null }, '/limit', 'must be integer'],
    [{ name: 'a', limit: Number.NaN }, '/limit', 'must be integer'],
    [{ name: 'a', limit: 101 }, '/limit', 'must be <= 100'],
    [{ name: 'a', limit: '5' }, '/limit', 'must be integer'],
    [{ name: 'a', tags: 'x' }, '/tags', 'must be array'],
    [{ name: 'a', tags: ['x', 1] }, '/tags/1', 'must be string'],
    [{ name: 'a', other: 1 }, '/other', 'is not known here'],
    [{ name: 'a', 'a/b~c': 1 }, '/a~1b~0c', 'is not known here'],
    [
      {
        name: 'a',
        items: [
          { role: 'user', content: 'b' },
          { role: 'admin', content: 'b' },
        ],
      },
      '/items/1/role',
      'must be one of "user", "tool"',
    ],
    [{ name: 'a', items: [{ role: 'user', content: 'b', x: 1 }] }, '/items/0/x', 'is not known here'],
    [{ name: 'a', main: [] }, '/main', 'must be object'],
    [{ name: 'a', metadata: [] }, '/metadata', 'must be object'],
  ])('refuses %j at %s', (value, path, message) => {
    expect(errorsOf(value)).toContainEqual({ path, message });
  });

  it('tells all that is wrong with a small value', () => {
    expect(errorsOf({ limit: 0, tags: [1, 2] })?.map(({ path }) => path)).toEqual(['/name', '/limit', '/tags/0', '/tags/1']);
  });

  it('tells at most 20 errors, and of a large value the first', () => {
    expect(errorsOf({ name: 'a', ...Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`x${i}`, 1])) })).toHaveLength(20);
    expect(errorsOf({ name: 'a', ...Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`x${i}`, 1])) })).toHaveLength(1);
  });

  it('does not send a long path back whole', () => {
    expect(errorsOf({ name: 'a', ['k'.repeat(100_000)]: 1 })?.[0]?.path.length).toBeLessThan(300);
  });

  it.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])('refuses %s as a key', (key) => {
    expect(errorsOf(JSON.parse(`{"name":"a","${key}":{"x":1}}`))).toEqual([{ path: `/${key}`, message: 'is not known here' }]);
    expect(errorsOf(note.normalise(JSON.parse(`{"name":"a","max":1,"${key}":{"x":1}}`)))).toEqual([
      { path: `/${key}`, message: 'is not known here' },
    ]);
  });

  it('lets such keys stand in free-form members, where they are data', () => {
    expect(errorsOf(JSON.parse('{"name":"a","metadata":{"__proto__":{"polluted":1},"constructor":1}}'))).toBeNull();
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('is compiled once', () => {
    expect(compileDto(NoteDto)).toBe(note);
  });
});

describe('aliases', () => {
  it('are given their declared name', () => {
    expect(note.normalise({ name: 'a', max: 5 })).toEqual({ name: 'a', limit: 5 });
  });

  it('yield to the declared name', () => {
    expect(note.normalise({ max: 5, limit: 6 })).toEqual({ limit: 6 });
  });

  it('leave the caller’s value as it is, and copy only where there is something to rename', () => {
    const sent = Object.freeze({ name: 'a', max: 5 });
    note.normalise(sent);
    const plain = { name: 'a' };
    expect(note.normalise(plain)).toBe(plain);
    expect(sent).toEqual({ name: 'a', max: 5 });
  });

  it('let what is no object through to validation', () => {
    for (const value of [null, 'x', 5, undefined]) expect(note.normalise(value)).toBe(value);
  });
});

enum Colour {
  Red = 'red',
  Blue = 'blue',
}

class SingleRulesDto {
  @IsEnum(Colour)
  colour!: Colour;

  @Equals(7)
  seven!: number;

  @NotEquals('no')
  @IsString()
  word!: string;

  @IsDefined()
  @IsBoolean()
  flag!: boolean;

  @IsNotEmpty()
  @IsString()
  filled!: string;

  @Max(5)
  @IsInt()
  @Min(1)
  whole!: number;

  @Matches(/a/)
  @Matches(/b/)
  both!: string;

  @IsNumber()
  any!: number;

  @Allow()
  @JSONSchema({ anyOf: [{ type: 'string' }, { type: 'array', items: compileDto(PartDto).schema }] })
  content?: string | PartDto[];
}

describe('single rules', () => {
  const fine = { colour: 'red', seven: 7, word: 'yes', flag: false, filled: 'x', whole: 5, both: 'ab', any: 1.5 };
  const single = compileDto(SingleRulesDto);

  it('mean what class-validator means', () => {
    expect(single.validate(fine)).toBeNull();
  });

  it.each([
    ['colour', 'green'],
    ['seven', 8],
    ['word', 'no'],
    ['word', 5],
    ['flag', 'true'],
    ['flag', null],
    ['filled', ''],
    ['whole', 1.5],
    ['whole', 6],
    ['both', 'a'],
    ['both', 'b'],
    ['any', Number.POSITIVE_INFINITY],
    ['content', 5],
    ['content', [{ role: 'user' }]],
  ])('refuse %s: %j', (name, value) => {
    expect(single.validate({ ...fine, [name]: value })?.[0]?.path).toMatch(new RegExp(`^/${name}`));
  });

  it('accept one of several shapes that @JSONSchema names', () => {
    expect(single.validate({ ...fine, content: 'text' })).toBeNull();
    expect(single.validate({ ...fine, content: [{ role: 'user', content: 'x' }] })).toBeNull();
  });
});

@ValidatorConstraint({ name: 'isEven' })
class EvenConstraint {
  validate(value: unknown): boolean {
    return typeof value === 'number' && value % 2 === 0;
  }
  defaultMessage(): string {
    return '$property must be even';
  }
}

const Above =
  (other: string): PropertyDecorator =>
  (target, property) =>
    registerDecorator({
      name: 'above',
      target: target.constructor,
      propertyName: String(property),
      constraints: [other],
      validator: {
        validate: (value: unknown, { object, constraints }: ValidationArguments) =>
          (value as number) > ((object as Record<string, number>)[constraints[0] as string] as number),
        defaultMessage: () => `$property must be above ${other}`,
      },
    });

class RangeDto {
  @IsInt()
  @Validate(EvenConstraint)
  from!: number;

  @IsInt()
  @Above('from')
  to!: number;

  @ValidateIf((range: RangeDto) => range.from === 0)
  @IsString()
  reason?: string;

  @IsOptional()
  @IsEmail()
  mail?: string;

  @IsOptional()
  @ValidateNested({ each: true })
  @Type(() => StepDto)
  steps?: StepDto[];
}

class StepDto {
  @IsInt()
  @Validate(EvenConstraint)
  size!: number;
}

describe('a class with rules that no schema can say', () => {
  const range = compileDto(RangeDto);

  it.each([[{ from: 2, to: 3 }], [{ from: 0, to: 3, reason: 'x' }], [{ from: 2, to: 3, mail: 'a@example.com', steps: [{ size: 2 }] }]])(
    'accepts %j',
    (value) => {
      expect(range.validate(value)).toBeNull();
    },
  );

  it.each([
    ['a custom validator', { from: 1, to: 3 }, '/from', 'from must be even'],
    ['a rule over two members', { from: 4, to: 3 }, '/to', 'to must be above from'],
    ['a condition', { from: 0, to: 3 }, '/reason', 'reason must be a string'],
    ['a rule of a library', { from: 2, to: 3, mail: 'nobody' }, '/mail', 'mail must be an email'],
    ['a custom validator in a nested class', { from: 2, to: 3, steps: [{ size: 2 }, { size: 3 }] }, '/steps/1/size', 'size must be even'],
    ['the part that a schema says', { from: 'x', to: 3 }, '/from', 'must be integer'],
    ['an unknown member', { from: 2, to: 3, more: 1 }, '/more', 'is not known here'],
    ['an unknown nested member', { from: 2, to: 3, steps: [{ size: 2, more: 1 }] }, '/steps/0/more', 'is not known here'],
  ])('refuses by %s', (_, value, path, message) => {
    expect(range.validate(value)).toContainEqual({ path, message });
  });

  it('refuses __proto__ and constructor as keys', () => {
    for (const key of ['__proto__', 'constructor']) {
      expect(range.validate(JSON.parse(`{"from":2,"to":3,"${key}":{}}`))?.[0]?.path).toBe(`/${key}`);
    }
  });
});

class TreeDto {
  @IsString()
  name!: string;

  @IsOptional()
  @ValidateNested({ each: true })
  @Type(() => TreeDto)
  children?: TreeDto[];
}

class ForestDto {
  @ValidateNested()
  @Type(() => TreeDto)
  tree!: TreeDto;
}

describe('a class that contains itself', () => {
  it.each([
    ['at the root', TreeDto, (tree: unknown) => tree, ''],
    ['inside another', ForestDto, (tree: unknown) => ({ tree }), '/tree'],
  ])('is checked to the bottom, %s', (_, dto, wrap, prefix) => {
    const { validate } = compileDto(dto);
    expect(validate(wrap({ name: 'a', children: [{ name: 'b', children: [{ name: 'c' }] }] }))).toBeNull();
    expect(validate(wrap({ name: 'a', children: [{ name: 'b', children: [{ name: 5 }] }] }))).toEqual([
      { path: `${prefix}/children/0/children/0/name`, message: 'must be string' },
    ]);
  });
});

class BaseDto {
  @IsString()
  id!: string;
}
class DerivedDto extends BaseDto {
  @IsInt()
  count!: number;
}
class EmptyDto {}
function sameNameOf(): new () => object {
  class NoteDto {
    @IsInt()
    own!: number;
  }
  return NoteDto;
}

describe('classes', () => {
  it('inherit rules', () => {
    expect(compileDto(DerivedDto).validate({ id: 'a', count: 1 })).toBeNull();
    expect(compileDto(DerivedDto).validate({ count: 1 })).toEqual([{ path: '/id', message: 'is required' }]);
  });

  it('without members take an empty object only', () => {
    expect(compileDto(EmptyDto).validate({})).toBeNull();
    expect(compileDto(EmptyDto).validate({ a: 1 })).toEqual([{ path: '/a', message: 'is not known here' }]);
  });

  it('of the same name do not mix', () => {
    const other = compileDto(sameNameOf());
    expect(Object.keys(other.schema['properties'] as object)).toEqual(['own']);
    expect(other.validate({ own: 1 })).toBeNull();
    expect(note.validate({ name: 'a' })).toBeNull();
  });

  it('that cannot describe params are refused at start', () => {
    class UntypedDto {
      @ValidateNested({ each: true })
      parts!: unknown[];
    }
    class AsyncDto {
      @IsString()
      name!: string;
    }
    registerDecorator({
      name: 'slow',
      target: AsyncDto,
      propertyName: 'name',
      async: true,
      validator: { validate: () => Promise.resolve(true) },
    });
    class NamedLikeObjectDto {
      @IsString()
      valueOf!: never;
    }
    expect(() => compileDto(UntypedDto)).toThrow('UntypedDto.parts: @ValidateNested needs @Type(() => TheClass)');
    expect(() => compileDto(AsyncDto)).toThrow('AsyncDto.name: asynchronous validators are not supported');
    expect(() => compileDto(NamedLikeObjectDto)).toThrow('NamedLikeObjectDto.valueOf: every object has a member of this name');
    expect(() => compileDto(String as unknown as new () => object)).toThrow('params are an object');
  });
});
