// Contexts for the server's own code: what a team's module does with them, as calls. The rules are those of `/ws` (PROTOCOL.md §5): params are
// checked by the same classes, each change is on disk when it is answered, and published as `context.…`. Not asked: scopes, which are
// for the module's own methods to require.
import { Injectable } from '@nestjs/common';

import { Failure } from '../extension/failure.js';
import type { Principal } from '../extension/principal.js';
import type { DtoClass } from '../extension/tool.decorator.js';
import { compileDto } from '../validation/compile-dto.js';
import { AppendToContextDto } from './append-to-context.dto.js';
import type { Context, ContextMatch, ContextPage, ContextSummary } from './context.js';
import { type ContextCaller, ContextService } from './context.service.js';
import { CreateContextDto } from './create-context.dto.js';
import { DeleteContextDto } from './delete-context.dto.js';
import { GetContextDto } from './get-context.dto.js';
import { ListContextsDto } from './list-contexts.dto.js';
import { SearchContextsDto } from './search-contexts.dto.js';
import { UpdateContextDto } from './update-context.dto.js';

/** For whom, and as whom: a `Caller`, or a principal of the module's own for what nobody asked for. */
export interface ContextUser {
  /** Contexts are those of its `tenant`; its `id` is the `agent_id` of what it creates. */
  readonly principal: Principal;
  /** Aborted when nobody waits any more; a change that has begun is made all the same. */
  readonly signal?: AbortSignal;
}

/**
 * Every method throws a `Failure`: `invalid_params` with the paths of what is wrong, and what its own line names, all in the words that a client
 * of `/ws` would get, so that a handler may let it through. `unavailable` where it could not be written. Params are as `JSON.stringify` takes them:
 * members that are undefined are left out.
 */
@Injectable()
export class Contexts {
  constructor(private readonly contexts: ContextService) {}

  /** The new context, with its items. @throws Failure `conflict` where the id is taken, `context_too_large` */
  async create(user: ContextUser, params: CreateContextDto): Promise<Context> {
    return this.contexts.create(...checked(user, params, CreateContextDto));
  }

  /** The context with its newest items, oldest of them first. @throws Failure `not_found`, also of another tenant's */
  async get(user: ContextUser, params: GetContextDto): Promise<Context> {
    return this.contexts.get(...checked(user, params, GetContextDto));
  }

  /** @throws Failure `not_found`, `conflict` with `current_version`, `context_too_large` with `max_tokens` and `tokens` */
  async update(user: ContextUser, params: UpdateContextDto): Promise<ContextSummary> {
    return this.contexts.update(...checked(user, params, UpdateContextDto));
  }

  /** Appends one item, to a context that is created where there is none and `name` says how it is called. @throws as `update` */
  async append(user: ContextUser, params: AppendToContextDto): Promise<ContextSummary> {
    return this.contexts.append(...checked(user, params, AppendToContextDto));
  }

  async list(user: ContextUser, params: ListContextsDto = {}): Promise<ContextPage> {
    return this.contexts.list(...checked(user, params, ListContextsDto));
  }

  /** @throws Failure `not_found`, `conflict` with `current_version` */
  async delete(user: ContextUser, params: DeleteContextDto): Promise<void> {
    await this.contexts.delete(...checked(user, params, DeleteContextDto));
  }

  /** The best matches first. @throws Failure `timed_out` where so many items match the words that it would take too long */
  async search(user: ContextUser, params: SearchContextsDto): Promise<readonly ContextMatch[]> {
    return (await this.contexts.search(...checked(user, params, SearchContextsDto))).matches;
  }
}

/** A claim to run once is the module's method's, whose answer is another: it is not passed on. */
function checked<T extends object>(
  { principal, signal = new AbortController().signal }: ContextUser,
  params: T,
  dto: DtoClass,
): [ContextCaller, T] {
  const plain = JSON.parse(JSON.stringify(params)) as T;
  const errors = compileDto(dto, 'first used').validate(plain);
  if (errors !== null) throw Failure.invalidParams(errors);
  return [{ principal, signal }, plain];
}
