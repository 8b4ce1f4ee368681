// What agents do with contexts (PROTOCOL.md §5): checks what no schema says, fills in defaults, and asks the store. Each method
// comes twice where its answer is encoded when it comes from the store: as an object, and as it is, for the wire.
import { randomBytes } from 'node:crypto';

import { Inject, Injectable } from '@nestjs/common';
import type { Encoded } from '@mcpw/protocol';

import { Config } from '../config/config.js';
import type { Caller } from '../extension/caller.js';
import { Failure, type FailureKind } from '../extension/failure.js';
import type { AppendToContextDto } from './append-to-context.dto.js';
import { DEFAULT_ORDER } from './context-order.js';
import { positionOf } from './context-row.js';
import { type ContextAuthor, type ContextReader, ContextStore } from './context-store.js';
import { ceilingOf, type Context, type ContextMatch, type ContextPage, type ContextSummary } from './context.js';
import type { CreateContextDto } from './create-context.dto.js';
import type { DeleteContextDto } from './delete-context.dto.js';
import type { GetContextDto } from './get-context.dto.js';
import { ItemEncoder } from './item-encoder.js';
import type { ListContextsDto } from './list-contexts.dto.js';
import type { ListedContexts } from './listed-contexts.js';
import { encodeMetadata } from './metadata.js';
import type { SearchContextsDto } from './search-contexts.dto.js';
import type { UpdateContextDto } from './update-context.dto.js';
import type { WrittenAnswer } from './written-answer.js';

const ITEMS_OF_A_GET = 200;
const CONTEXTS_OF_A_PAGE = 50;
const MATCHES_OF_A_SEARCH = 20;
const MS_OF_A_SECOND = 1_000;

/** A caller, with the claim that the answer of a change is recorded for, if the change is all that the request does. */
export type ContextCaller = Pick<Caller, 'principal' | 'once' | 'signal'>;

@Injectable()
export class ContextService {
  constructor(
    @Inject(ContextStore) private readonly store: ContextStore,
    private readonly encoder: ItemEncoder,
    @Inject(Config) private readonly config: Config,
  ) {}

  /** The new context, with its items. @throws Failure conflict where the id is taken, context_too_large, invalid_params */
  async create(caller: ContextCaller, params: CreateContextDto): Promise<Context> {
    return (await this.created(caller, params)).toJSON();
  }

  async created(caller: ContextCaller, params: CreateContextDto): Promise<WrittenAnswer<Context>> {
    const { name, id = newContextId(), content, metadata = {}, truncation = 'reject', ttl_seconds } = params;
    const { maxTokens: most } = this.config.contexts;
    const maxTokens = params.max_tokens ?? most;
    if (maxTokens > most) throw Failure.invalidParams([{ path: '/max_tokens', message: `${maxTokens} exceeds the server's ${most}` }]);
    const ttlMs = ttl_seconds === undefined ? undefined : ttl_seconds * MS_OF_A_SECOND;
    const encodedMetadata = encoded(metadata);
    const items = await this.encoder.encode({ caller, ceiling: () => ceilingOf(maxTokens, truncation) }, { path: '/content', content });
    return this.store.create(author(caller), { id, name, metadata: encodedMetadata, maxTokens, truncation, ttlMs, items });
  }

  /** The context with its newest items, oldest of them first. @throws Failure not_found */
  get({ principal }: ContextCaller, { context_id, limit = ITEMS_OF_A_GET, before }: GetContextDto): Promise<Context> {
    return this.store.get(principal.tenant, context_id, limit, before === undefined ? undefined : positionOf(before));
  }

  /** The same for the wire, in the form that is stored: read, or refused, when the answer is encoded. */
  stored({ principal }: ContextCaller, { context_id, limit = ITEMS_OF_A_GET, before }: GetContextDto): Encoded {
    return this.store.stored(principal.tenant, context_id, limit, before === undefined ? undefined : positionOf(before));
  }

  /** @throws Failure not_found, conflict with `current_version`, context_too_large with `max_tokens` and `tokens`, invalid_params */
  async update(caller: ContextCaller, params: UpdateContextDto): Promise<ContextSummary> {
    return (await this.updated(caller, params)).toJSON();
  }

  async updated(caller: ContextCaller, params: UpdateContextDto): Promise<WrittenAnswer<ContextSummary>> {
    const { context_id, version, content, replace, metadata, name } = params;
    if (content === undefined && replace === undefined && metadata === undefined && name === undefined) {
      throw Failure.invalidParams([{ path: '', message: 'one of content, replace, metadata and name is needed' }]);
    }
    const metadataPatch = metadata === undefined ? undefined : encoded(metadata);
    const counting = { caller, ceiling: () => this.store.ceiling(caller.principal.tenant, context_id) };
    const items = await this.encoder.encode(counting, { path: '/replace', content: replace }, { path: '/content', content });
    return this.store.update(author(caller), context_id, { version, name, metadataPatch, items, isReplacement: replace !== undefined });
  }

  /** Appends one item, to a context that is created where there is none and `name` says how it is called. Without its items. */
  async append(caller: ContextCaller, { context_id, content, role = 'user', name }: AppendToContextDto): Promise<ContextSummary> {
    const items = [{ role, content }];
    const update = () => this.update(caller, { context_id, content: items });
    try {
      return await update();
    } catch (error) {
      if (name === undefined || !isFailure(error, 'not_found')) throw error;
    }
    try {
      const { items: _, ...summary } = await this.create(caller, { id: context_id, name, content: items });
      return summary;
    } catch (error) {
      // Another caller has created it meanwhile.
      if (!isFailure(error, 'conflict')) throw error;
      return update();
    }
  }

  async list(caller: ContextCaller, params: ListContextsDto): Promise<ContextPage> {
    return (await this.listed(caller, params)).toJSON();
  }

  listed(caller: ContextCaller, params: ListContextsDto): Promise<ListedContexts> {
    const { agent_id: agent, name_prefix: namePrefix, limit = CONTEXTS_OF_A_PAGE, cursor, order = DEFAULT_ORDER } = params;
    return this.store.list(reader(caller), { agent, namePrefix, limit, cursor, order });
  }

  /** @throws Failure not_found, conflict with `current_version` */
  delete(caller: ContextCaller, { context_id, version }: DeleteContextDto): Promise<WrittenAnswer<{ readonly deleted: true }>> {
    return this.store.delete(author(caller), context_id, version);
  }

  /** @throws Failure invalid_params; timed_out where so many items match the words that it would take too long */
  async search(
    caller: ContextCaller,
    { query, limit = MATCHES_OF_A_SEARCH }: SearchContextsDto,
  ): Promise<{ readonly matches: readonly ContextMatch[] }> {
    return { matches: await this.store.search(reader(caller), query, limit) };
  }
}

const reader = ({ principal, signal }: ContextCaller): ContextReader => ({ tenant: principal.tenant, signal });

const author = ({ principal, once }: ContextCaller): ContextAuthor => ({ tenant: principal.tenant, agent: principal.id, once });

const isFailure = (error: unknown, kind: FailureKind): boolean => error instanceof Failure && error.kind === kind;

const newContextId = (): string => `ctx_${randomBytes(16).toString('base64url')}`;

function encoded(metadata: Readonly<Record<string, unknown>>): string {
  const result = encodeMetadata(metadata, '/metadata');
  if ('error' in result) throw Failure.invalidParams([result.error]);
  return result.json;
}
