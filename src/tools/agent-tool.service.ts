// Agents' own tools (PROTOCOL.md §5 `tool.register`, `tool.unregister`): checked, offered for as long as the connection lasts, and told of.
import { Inject, Injectable, Logger } from '@nestjs/common';

import type { Caller } from '../extension/caller.js';
import type { Channel } from '../extension/channel.js';
import { Failure, type ParamError } from '../extension/failure.js';
import { Database } from '../storage/database.js';
import { compileSchema, type SchemaValidator } from '../validation/compile-schema.js';
import { AGENT_SOURCE, type AgentToolDefinition } from './agent-tool.js';
import { AgentToolSource } from './agent-tool-source.js';
import { DefinitionBudget } from './definition-budget.js';
import type { AgentToolDto } from './register-tools.dto.js';
import { ToolRegistry } from './tool-registry.js';
import type { OfferNotice, toolWrites } from './tool-writes.js';

export interface Registered {
  readonly registered: readonly string[];
}

export interface Unregistered {
  readonly unregistered: readonly string[];
}

const MAX_TOOLS = 500;
/** Characters of a tool's schemas and annotations as JSON. */
const MAX_DEFINITION = 65_536;

@Injectable()
export class AgentToolService {
  private readonly logger = new Logger('Tools');
  /** What each connection offers, and how large its definitions are. */
  private readonly offered = new Map<Channel, Map<string, number>>();
  private readonly budget = new DefinitionBudget();

  constructor(
    private readonly registry: ToolRegistry,
    private readonly source: AgentToolSource,
    @Inject(Database) private readonly database: Database,
  ) {}

  /**
   * All or none. Answers once the events that tell of it are on disk.
   * @throws Failure `invalid_params` for a schema that is none or too large; `too_large` where all of them together are; `conflict` for a name that another source has or keeps, or that
   * another agent offers with another `inputSchema`; `unavailable` where the log cannot be written
   */
  async register(caller: Caller, tools: readonly AgentToolDto[]): Promise<Registered> {
    const { channel, principal } = caller;
    const sizes = new Map(tools.map((tool, index) => [tool.name, sizeOf(tool, index)]));
    const names = [...sizes.keys()];
    const own = this.offered.get(channel) ?? this.open(caller);
    const added = names.filter((name) => !own.has(name));
    if (own.size + added.length > MAX_TOOLS) throw new Failure('invalid_params', `a connection may register ${MAX_TOOLS} tools`);
    const more = sum(sizes.values()) - sum(names.map((name) => own.get(name) ?? 0));
    this.budget.refuse(principal.tenant, sum(own.values()), more);
    const definitions = tools.map(definitionOf);
    for (const definition of definitions) this.refuseConflict(caller, definition);
    this.budget.take(principal.tenant, more);
    for (const [name, size] of sizes) own.set(name, size);
    this.source.offer(principal.tenant, channel, definitions);
    try {
      await this.tell('tool.registered', caller, names);
    } catch (error) {
      this.withdraw(caller, added);
      throw error;
    }
    return { registered: names };
  }

  /** Names that the connection does not offer are passed over. */
  async unregister(caller: Caller, names: readonly string[]): Promise<Unregistered> {
    const unregistered = this.withdraw(caller, names);
    if (unregistered.length > 0) await this.tell('tool.unregistered', caller, unregistered);
    return { unregistered };
  }

  private refuseConflict({ principal, channel }: Caller, definition: AgentToolDefinition): void {
    const { name } = definition;
    const known = this.registry.find(principal.tenant, name);
    if (known !== undefined && known.source !== AGENT_SOURCE) throw taken(known.source, `a tool of ${known.source} is named ${name}`);
    const owner = this.registry.reservedBy(principal.tenant, name);
    if (owner !== undefined) throw taken(owner.name, `the name ${name} is kept for tools of ${owner.name}`);
    const shared = this.source.find(principal.tenant, name);
    if (shared === undefined || shared.isSameAs(definition)) return;
    if (shared.offerCount > 1 || !shared.isOfferedBy(channel)) {
      throw taken(AGENT_SOURCE, `another agent offers ${name} with another inputSchema`);
    }
  }

  private open(caller: Caller): Map<string, number> {
    const own = new Map<string, number>();
    this.offered.set(caller.channel, own);
    caller.channel.onceClosed(() => {
      const gone = this.withdraw(caller, [...own.keys()]);
      this.offered.delete(caller.channel);
      if (gone.length === 0) return;
      this.tell('tool.unregistered', caller, gone).catch((error: unknown) => {
        this.logger.warn({ msg: 'the log does not tell that tools went with their agent', session: caller.channel.id, err: error });
      });
    });
    return own;
  }

  private withdraw({ principal, channel }: Caller, names: readonly string[]): string[] {
    const own = this.offered.get(channel);
    for (const name of names) {
      this.budget.take(principal.tenant, -(own?.get(name) ?? 0));
      own?.delete(name);
    }
    return this.source.withdraw(principal.tenant, channel, names);
  }

  private tell(event: OfferNotice['event'], { principal, channel }: Caller, tools: readonly string[]): Promise<void> {
    return this.database.write<typeof toolWrites, 'tool.notice'>('tool.notice', {
      tenant: principal.tenant,
      event,
      tools,
      sessionId: channel.id,
      principalId: principal.id,
    });
  }
}

/** @param source who has the name: `agents` may let go of it, all others keep it */
function taken(source: string, message: string): Failure {
  return new Failure('conflict', message, { source });
}

/** Characters of the whole definition. */
function sizeOf({ description, inputSchema, outputSchema, annotations }: AgentToolDto, index: number): number {
  const size = JSON.stringify([inputSchema, outputSchema, annotations]).length;
  if (size <= MAX_DEFINITION) return size + description.length;
  const message = `has schemas and annotations of ${size} characters, more than ${MAX_DEFINITION}`;
  throw Failure.invalidParams([{ path: `/tools/${index}`, message }]);
}

function definitionOf(tool: AgentToolDto, index: number): AgentToolDefinition {
  const { name, description, inputSchema, outputSchema, annotations } = tool;
  const { validate } = compiled(inputSchema, `/tools/${index}/inputSchema`);
  return { name, description, inputSchema, outputSchema, annotations, validate };
}

function sum(sizes: Iterable<number>): number {
  let total = 0;
  for (const size of sizes) total += size;
  return total;
}

/** @throws Failure `invalid_params` that says where in the request the schema is not one */
function compiled(schema: object, at: string): SchemaValidator {
  try {
    return compileSchema(schema);
  } catch (error) {
    const errors = error instanceof Failure ? (error.data?.['errors'] as readonly ParamError[] | undefined) : undefined;
    if (errors === undefined) throw error;
    throw Failure.invalidParams(errors.map(({ path, message }) => ({ path: at + path, message })));
  }
}
