// Agents' own tools (PROTOCOL.md §5 `tool.register`, `tool.unregister`): checked, offered for as long as the connection lasts, and told of.
import { Inject, Injectable, Logger } from '@nestjs/common';

import type { Caller } from '../extension/caller.js';
import type { Channel } from '../extension/channel.js';
import { Failure, type ParamError } from '../extension/failure.js';
import { Database } from '../storage/database.js';
import { compileSchema, type SchemaValidator } from '../validation/compile-schema.js';
import { AGENT_SOURCE, type AgentToolDefinition } from './agent-tool.js';
import { AgentToolSource } from './agent-tool-source.js';
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
/** Characters of a tool's schemas and annotations as JSON, and of all of a connection's together. */
const MAX_DEFINITION = 65_536;
const MAX_DEFINITIONS = 4_194_304;
/** For how long the event loop is taken at once: a hundred schemas with a thousand patterns each took 80 ms. */
const SLICE_MS = 10;

@Injectable()
export class AgentToolService {
  private readonly logger = new Logger('Tools');
  /** What each connection offers: names, and how large their definitions are. */
  private readonly offered = new Map<Channel, Map<string, number>>();

  constructor(
    private readonly registry: ToolRegistry,
    private readonly source: AgentToolSource,
    @Inject(Database) private readonly database: Database,
  ) {}

  /**
   * All or none. Answers once the events that tell of it are on disk.
   * @throws Failure `invalid_params` for a schema that is none or too large; `conflict` for a name that another source has or keeps, or that
   * another agent offers with another `inputSchema`; `unavailable` where the log cannot be written
   */
  async register(caller: Caller, tools: readonly AgentToolDto[]): Promise<Registered> {
    const { channel, principal } = caller;
    const definitions = await compiledAll(tools);
    for (const definition of definitions) this.refuseConflict(caller, definition);
    const sizes = new Map(definitions.map(({ name }, i) => [name, sizeOf(tools[i] as AgentToolDto)]));
    const names = [...sizes.keys()];
    const own = this.offered.get(channel) ?? this.open(caller);
    const added = names.filter((name) => !own.has(name));
    refuseTooMany(new Map([...own, ...sizes]));
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
    if (known !== undefined && known.source !== AGENT_SOURCE) throw new Failure('conflict', `a tool of ${known.source} is named ${name}`);
    const owner = this.registry.reservedBy(principal.tenant, name);
    if (owner !== undefined) throw new Failure('conflict', `the name ${name} is kept for tools of ${owner.name}`);
    const shared = this.source.find(principal.tenant, name);
    if (shared === undefined || shared.isSameAs(definition)) return;
    if (shared.offerCount > 1 || !shared.isOfferedBy(channel)) {
      throw new Failure('conflict', `another agent offers ${name} with another inputSchema`);
    }
  }

  private open(caller: Caller): Map<string, number> {
    const own = new Map<string, number>();
    this.offered.set(caller.channel, own);
    caller.channel.onceClosed(() => {
      this.offered.delete(caller.channel);
      const gone = this.source.withdraw(caller.principal.tenant, caller.channel, own.keys());
      if (gone.length === 0) return;
      this.tell('tool.unregistered', caller, gone).catch((error: unknown) => {
        this.logger.warn({ msg: 'the log does not tell that tools went with their agent', session: caller.channel.id, err: error });
      });
    });
    return own;
  }

  private withdraw({ principal, channel }: Caller, names: readonly string[]): string[] {
    const own = this.offered.get(channel);
    for (const name of names) own?.delete(name);
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

async function compiledAll(tools: readonly AgentToolDto[]): Promise<AgentToolDefinition[]> {
  const definitions: AgentToolDefinition[] = [];
  let stopAtMs = performance.now() + SLICE_MS;
  for (const [index, tool] of tools.entries()) {
    definitions.push(definitionOf(tool, index));
    if (performance.now() < stopAtMs) continue;
    await new Promise((resolve) => setImmediate(resolve));
    stopAtMs = performance.now() + SLICE_MS;
  }
  return definitions;
}

function refuseTooMany(offered: ReadonlyMap<string, number>): void {
  if (offered.size > MAX_TOOLS) throw new Failure('invalid_params', `a connection may register ${MAX_TOOLS} tools`);
  let characters = 0;
  for (const size of offered.values()) characters += size;
  if (characters > MAX_DEFINITIONS) {
    throw new Failure('invalid_params', `the schemas of a connection's tools have ${characters} characters, more than ${MAX_DEFINITIONS}`);
  }
}

const sizeOf = ({ inputSchema, outputSchema, annotations }: AgentToolDto): number =>
  JSON.stringify([inputSchema, outputSchema, annotations]).length;

function definitionOf(tool: AgentToolDto, index: number): AgentToolDefinition {
  const { name, description, inputSchema, outputSchema, annotations } = tool;
  const size = sizeOf(tool);
  if (size > MAX_DEFINITION) {
    const message = `has schemas and annotations of ${size} characters, more than ${MAX_DEFINITION}`;
    throw Failure.invalidParams([{ path: `/tools/${index}`, message }]);
  }
  const { validate } = compiled(inputSchema, `/tools/${index}/inputSchema`);
  return { name, description, inputSchema, outputSchema, annotations, validate };
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
