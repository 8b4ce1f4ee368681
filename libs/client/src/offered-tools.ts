// Tools that the client offers (protocol §5): registered with the server, on every connection anew, until they are taken
// back. How one is run when the server asks is tool-runs.ts.
import { ErrorCode } from '@mcpw/protocol';

import type { CallOptions } from './calls.js';
import { ClientClosedError, ConnectionLostError, McpwError } from './errors.js';
import type { ToolDefinition } from './method-map.js';
import type { Clock } from './platform.js';
import type { AnyTool } from './tool-runs.js';

/** What `client.offerTools` gives. */
export interface Offer {
  /**
   * Resolves when the server has the tools; rejects where it refuses them, and they are offered no more then. For a minute a name
   * that another agent has is asked for again, since that may be a connection that is dead already. Rejects with a
   * `ClientClosedError` where the offer, or the client, is closed before.
   */
  readonly ready: Promise<void>;
  /** Takes the tools back. */
  close(): void;
  /** The same for `using`, where the runtime has that. */
  [Symbol.dispose](): void;
}

export interface ToolsLink {
  request(method: 'tool.register' | 'tool.unregister', params: unknown, options: CallOptions): Promise<unknown>;
}

interface Held {
  readonly tools: readonly AnyTool[];
  /** Whether the server has ever had them. */
  wasReady: boolean;
  stopRetry: () => void;
  readonly markReady: () => void;
  readonly markRefused: (error: unknown) => void;
}

/** Tools of one `tool.register`. */
const AT_ONCE = 100;
const OWN: CallOptions = { isUrgent: true, timeoutMs: Infinity };
/** A server that could not just now may later. */
const RETRIED: ReadonlySet<number> = new Set([ErrorCode.SERVER_ERROR, ErrorCode.TIMED_OUT, ErrorCode.UNAVAILABLE]);
/** The `data.source` of a conflict that may pass: who has the name is an agent, and not the server or one that it is connected to. */
const AGENTS = 'agents';
const RETRY_MS = 5_000;
const RETRIES = 12;

export class OfferedTools {
  private readonly offers = new Set<Held>();
  /** Counts connections; 0 while there is none. */
  private connection = 0;
  private connections = 0;

  constructor(
    private readonly link: ToolsLink,
    private readonly clock: Clock,
  ) {}

  find(name: string): AnyTool | undefined {
    for (const { tools } of this.offers) for (const tool of tools) if (tool.name === name) return tool;
    return undefined;
  }

  /** @throws TypeError for a name that is offered already, and for a tool without `run` */
  offer(tools: readonly AnyTool[]): Offer {
    const names = new Set<string>();
    for (const { name, run } of tools) {
      if (typeof run !== 'function') throw new TypeError(`the tool ${name} has no function run`);
      if (this.find(name) !== undefined || names.size === names.add(name).size) throw new TypeError(`the tool ${name} is offered already`);
    }
    let held: Held | undefined;
    const ready = new Promise<void>((resolve, markRefused) => {
      const markReady = (): void => {
        made.wasReady = true;
        resolve();
      };
      held = { tools, wasReady: false, stopRetry: () => undefined, markReady, markRefused };
    });
    ready.catch(() => undefined); // who does not ask for it finds that nobody calls
    const made = held as unknown as Held;
    this.offers.add(made);
    if (this.connection > 0) void this.register(made, RETRIES);
    const close = (): void => this.withdraw(made);
    return { ready, close, [Symbol.dispose]: close };
  }

  connected(): void {
    this.connection = ++this.connections;
    for (const held of this.offers) void this.register(held, RETRIES);
  }

  lost(): void {
    this.connection = 0;
    for (const { stopRetry } of this.offers) stopRetry();
  }

  stop(error: Error): void {
    this.lost();
    for (const { markRefused } of this.offers) markRefused(error);
    this.offers.clear();
  }

  private async register(held: Held, retries: number): Promise<void> {
    const { connection } = this;
    try {
      for (let at = 0; at < held.tools.length; at += AT_ONCE) {
        await this.link.request('tool.register', { tools: held.tools.slice(at, at + AT_ONCE).map(definitionOf) }, OWN);
      }
      held.markReady();
      if (!this.offers.has(held)) this.unregister(held);
    } catch (error) {
      if (error instanceof ConnectionLostError) return; // with the next connection, then
      if (!isPassing(error) || retries === 0) return this.refuse(held, error);
      held.stopRetry = this.clock.after(RETRY_MS, () => {
        if (this.connection === connection && this.offers.has(held)) void this.register(held, retries - 1);
      });
    }
  }

  /** What the server once had it may have again on another connection; what it never had can be offered anew. */
  private refuse(held: Held, error: unknown): void {
    if (!held.wasReady && this.offers.delete(held) && held.tools.length > AT_ONCE) this.unregister(held); // the first may be there
    held.markRefused(error);
  }

  private withdraw(held: Held): void {
    held.stopRetry();
    held.markRefused(new ClientClosedError('offer'));
    if (this.offers.delete(held) && this.connection > 0) this.unregister(held);
  }

  private unregister({ tools }: Held): void {
    // Where it fails, the tools are gone with the connection.
    this.link.request('tool.unregister', { names: tools.map(({ name }) => name) }, OWN).catch(() => undefined);
  }
}

/** A name may still be that of a connection of ours that the server does not know to be dead. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof McpwError)) return false;
  return error.code === ErrorCode.CONFLICT ? (error.data as { source?: unknown } | undefined)?.source === AGENTS : RETRIED.has(error.code);
}

function definitionOf({ name, description, inputSchema, outputSchema, annotations }: AnyTool): ToolDefinition {
  return {
    name,
    description,
    inputSchema,
    ...(outputSchema === undefined ? {} : { outputSchema }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}
