import 'reflect-metadata';

import { expect, it } from 'vitest';

import { compileDto } from '../validation/compile-dto.js';
import { AppendToContextDto } from './append-to-context.dto.js';
import { CreateContextDto } from './create-context.dto.js';
import { DeleteContextDto } from './delete-context.dto.js';
import { GetContextDto } from './get-context.dto.js';
import { ListContextsDto } from './list-contexts.dto.js';
import { ReadContextDto } from './read-context.dto.js';
import { SearchContextsDto } from './search-contexts.dto.js';
import { UpdateContextDto } from './update-context.dto.js';

const errors = (dto: Parameters<typeof compileDto>[0], value: object) => {
  const validator = compileDto(dto);
  return validator.validate(validator.normalise(value))?.map(({ path }) => path) ?? [];
};
const item = { role: 'user', content: 'x' };

it.each([
  [CreateContextDto, { name: 'n' }],
  [
    CreateContextDto,
    {
      name: 'é 漢字 😀',
      id: 'a.b:c_d-E9',
      content: [{ ...item, metadata: {} }],
      metadata: {},
      max_tokens: 1,
      truncation: 'oldest_first',
      ttl_seconds: 1,
    },
  ],
  [CreateContextDto, { name: 'n', content: '' }],
  [CreateContextDto, { name: 'n', content: [] }],
  [GetContextDto, { context_id: 'c', limit: 0, before: 'i17' }],
  [GetContextDto, { id: 'c' }],
  [UpdateContextDto, { id: 'c', version: 1, content: 'x', replace: [item], metadata: { a: null }, name: 'n' }],
  [ListContextsDto, {}],
  [ListContextsDto, { agent_id: 'key:1', name_prefix: '', limit: 200, cursor: 'x', order: 'name:desc' }],
  [DeleteContextDto, { id: 'c', version: 3 }],
  [SearchContextsDto, { query: 'x', limit: 100 }],
  [ReadContextDto, { context_id: 'c' }],
  [AppendToContextDto, { context_id: 'c', content: 'x', role: 'assistant', name: 'n' }],
])('case %# is accepted', (dto, params) => {
  expect(errors(dto, params)).toEqual([]);
});

it.each([
  [CreateContextDto, {}, '/name'],
  [CreateContextDto, { name: '' }, '/name'],
  [CreateContextDto, { name: 'x'.repeat(257) }, '/name'],
  [CreateContextDto, { name: 'a\u0000b' }, '/name'],
  [CreateContextDto, { name: 'a\nb' }, '/name'],
  [CreateContextDto, { name: 'a\ud800b' }, '/name'],
  [CreateContextDto, { name: 'n', id: '' }, '/id'],
  [CreateContextDto, { name: 'n', id: 'a b' }, '/id'],
  [CreateContextDto, { name: 'n', id: 'x'.repeat(129) }, '/id'],
  [CreateContextDto, { name: 'n', content: 5 }, '/content'],
  [CreateContextDto, { name: 'n', content: { role: 'user' } }, '/content'],
  [CreateContextDto, { name: 'n', content: 'x'.repeat(1_048_577) }, '/content'],
  [CreateContextDto, { name: 'n', content: [item, { role: 'boss', content: 'x' }] }, '/content/1/role'],
  [CreateContextDto, { name: 'n', content: [{ role: 'user' }] }, '/content/0/content'],
  [CreateContextDto, { name: 'n', content: [{ ...item, tokens: 1 }] }, '/content/0/tokens'],
  [CreateContextDto, { name: 'n', content: [{ ...item, metadata: [] }] }, '/content/0/metadata'],
  [CreateContextDto, { name: 'n', content: ['x'] }, '/content/0'],
  [CreateContextDto, { name: 'n', content: Array.from({ length: 1_001 }, () => item) }, '/content'],
  [CreateContextDto, { name: 'n', metadata: [] }, '/metadata'],
  [CreateContextDto, { name: 'n', metadata: 'x' }, '/metadata'],
  [CreateContextDto, { name: 'n', max_tokens: 0 }, '/max_tokens'],
  [CreateContextDto, { name: 'n', max_tokens: 1e300 * 1e10 }, '/max_tokens'],
  [CreateContextDto, { name: 'n', truncation: 'newest_first' }, '/truncation'],
  [CreateContextDto, { name: 'n', ttl_seconds: 1.5 }, '/ttl_seconds'],
  [CreateContextDto, { name: 'n', ttl_seconds: 1e12 }, '/ttl_seconds'],
  [CreateContextDto, { name: 'n', owner: 'x' }, '/owner'],
  [GetContextDto, {}, '/context_id'],
  [GetContextDto, { context_id: 'c', before: '17' }, '/before'],
  [GetContextDto, { context_id: 'c', limit: 1_001 }, '/limit'],
  [UpdateContextDto, { context_id: 'c', version: '1' }, '/version'],
  [UpdateContextDto, { context_id: 'c', replace: 'x' }, '/replace'],
  [UpdateContextDto, { context_id: 'c', max_tokens: 5 }, '/max_tokens'],
  [ListContextsDto, { order: 'size' }, '/order'],
  [ListContextsDto, { limit: 201 }, '/limit'],
  [SearchContextsDto, {}, '/query'],
  [SearchContextsDto, { query: 'x'.repeat(1_025) }, '/query'],
  [AppendToContextDto, { context_id: 'c', content: '' }, '/content'],
])('case %# is refused, with its path', (dto, params, path) => {
  expect(errors(dto, params)).toEqual([path]);
});
