// A tool that connected agents offer. A call goes to the one with the fewest under way; when the last is gone there is none to call.
import { PeerFailure, type Channel, type PeerRequestOptions } from '../extension/channel.js';
import { Failure, type ParamError } from '../extension/failure.js';
import type { ToolAnnotations, ToolCaller, ToolReturn } from '../extension/tool.decorator.js';
import { readTrace } from '../extension/trace-context.js';
import { readAgentAnswer } from './agent-answer.js';
import { NoOutcome, type RegisteredTool } from './tool-source.js';

export const AGENT_SOURCE = 'agents';

export interface AgentToolDefinition {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: object;
  readonly outputSchema?: object | undefined;
  readonly annotations?: ToolAnnotations | undefined;
  validate(args: object): readonly ParamError[] | null;
}

interface Offer {
  readonly channel: Channel;
  inFlight: number;
}

export class AgentTool implements RegisteredTool {
  readonly source = AGENT_SOURCE;
  readonly scopes: readonly string[] = [];
  readonly name: string;
  readonly description: string;
  readonly inputSchema: object;
  readonly outputSchema: object | undefined;
  readonly annotations: ToolAnnotations | undefined;
  readonly validate: RegisteredTool['validate'];
  /** The one that was asked longest ago comes first. */
  private readonly offers = new Map<Channel, Offer>();

  constructor(definition: AgentToolDefinition) {
    this.name = definition.name;
    this.description = definition.description;
    this.inputSchema = definition.inputSchema;
    this.outputSchema = definition.outputSchema;
    this.annotations = definition.annotations;
    this.validate = (args) => definition.validate(args);
  }

  get offerCount(): number {
    return this.offers.size;
  }

  isOfferedBy(channel: Channel): boolean {
    return this.offers.has(channel);
  }

  offer(channel: Channel): void {
    if (!this.offers.has(channel)) this.offers.set(channel, { channel, inFlight: 0 });
  }

  /** @returns whether the agent offered it */
  withdraw(channel: Channel): boolean {
    return this.offers.delete(channel);
  }

  /** Whether agents that offer the one and agents that offer the other could answer the same calls. */
  isSameAs(other: AgentToolDefinition): boolean {
    return JSON.stringify(this.inputSchema) === JSON.stringify(other.inputSchema);
  }

  async execute(args: Readonly<Record<string, unknown>>, caller: ToolCaller): Promise<ToolReturn> {
    const offer = this.leastBusy();
    if (offer === undefined) throw new NoOutcome(new Failure('unavailable', `no agent offers ${this.name} any more`));
    // Asked next time only after the others that are as busy.
    this.offers.delete(offer.channel);
    this.offers.set(offer.channel, offer);
    return readAgentAnswer(this.name, await this.ask(offer, args, caller));
  }

  /** What becomes of the request, a lost connection say, is not the tool's outcome: that is in the answer, or the agent's own error. */
  private async ask(offer: Offer, args: Readonly<Record<string, unknown>>, caller: ToolCaller): Promise<unknown> {
    offer.inFlight++;
    try {
      return await offer.channel.request(
        'tool.execute',
        { name: this.name, arguments: args, stream: true },
        {
          signal: caller.signal,
          meta: metaOf(caller),
          onProgress: ({ progress, total, message }, trace) => caller.progress(progress, total, message, trace),
          onTrace: (trace) => caller.traceAnswer?.(trace),
        },
      );
    } catch (error) {
      throw error instanceof Failure && !(error instanceof PeerFailure) ? new NoOutcome(error) : error;
    } finally {
      offer.inFlight--;
    }
  }

  private leastBusy(): Offer | undefined {
    let best: Offer | undefined;
    for (const offer of this.offers.values()) if (best === undefined || offer.inFlight < best.inFlight) best = offer;
    return best;
  }
}

/** The agent is told for how long it is waited for; when the time is up it is sent `tool.cancel`. */
function metaOf({ meta, timeoutMs }: ToolCaller): NonNullable<PeerRequestOptions['meta']> {
  return { ...readTrace(meta), timeout_ms: timeoutMs };
}
