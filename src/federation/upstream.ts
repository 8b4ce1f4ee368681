// One upstream: its sessions, its tools, and how it fares. What a call of it may do is upstream-calls.ts.
import { Logger } from '@nestjs/common';
import type { Transport } from '@modelcontextprotocol/client';

import type { Clock } from '../extension/clock.js';
import { toolNames } from '../tools/source-tool-names.js';
import { CallerSessions } from './caller-sessions.js';
import { CircuitBreaker } from '../egress/circuit-breaker.js';
import { readToolList } from './listed-tools.js';
import { McpPeer, type Listed } from './mcp-peer.js';
import type { ParkedCalls } from './parked-calls.js';
import { printable } from '../validation/printable.js';
import { Throttle } from './throttle.js';
import { UpstreamCalls, type CallLimits } from './upstream-calls.js';
import type { UpstreamDefinition } from './upstream-definition.js';
import { UpstreamLink, type LinkState } from './upstream-link.js';
import { CallStats } from '../egress/call-stats.js';
import { upstreamRedactor } from './upstream-secrets.js';
import { UpstreamTool } from './upstream-tool.js';

export interface UpstreamListener {
  toolsChanged(upstream: Upstream): void;
  listChanged(upstream: Upstream, what: 'resources' | 'prompts'): void;
  resourceUpdated(upstream: Upstream, uri: string): void;
}

export interface UpstreamOptions {
  readonly definition: UpstreamDefinition;
  readonly openTransport: (token?: string) => Transport;
  readonly clock: Clock;
  readonly random: () => number;
  /** Longest time of a call; the definition may say less. */
  readonly timeoutMs: number;
  /** Where calls wait whose callers are asked something. */
  readonly parked: ParkedCalls;
  readonly listener: UpstreamListener;
}

/** Sessions with callers' own tokens. */
const MAX_CALLER_SESSIONS = 256;
const CALLER_IDLE_MS = 60_000;
/** A list is read again once in this time at most, however often it is said to have changed. */
const REFRESH_EVERY_MS = 1_000;
const LONGEST_ERROR = 500;

export class Upstream {
  readonly stats = new CallStats();
  readonly breaker: CircuitBreaker;
  readonly link: UpstreamLink;
  readonly callers: CallerSessions;
  /** By the names they are called by here. As they were last listed, also while there is no session. */
  tools: ReadonlyMap<string, UpstreamTool> = new Map();
  /** Why there is no session, or no list of tools, in words for an administrator; empty once there is. */
  lastError = '';
  private readonly logger = new Logger('Upstreams');
  private readonly calls: UpstreamCalls;
  private readonly refreshing = new Throttle(() => this.refreshTools(), REFRESH_EVERY_MS);

  constructor(private readonly options: UpstreamOptions) {
    const { clock, random } = options;
    this.breaker = new CircuitBreaker(clock);
    this.link = new UpstreamLink({
      connect: (onClosed, signal) => this.connect(undefined, onClosed, signal),
      clock,
      random,
      onConnected: (peer) => this.connected(peer),
      onDown: (error) => this.down(error),
    });
    this.callers = new CallerSessions({
      connect: (token, onClosed, signal) => this.connect(token, onClosed, signal),
      maxSessions: MAX_CALLER_SESSIONS,
      idleMs: CALLER_IDLE_MS,
    });
    this.calls = new UpstreamCalls(this, options.parked);
  }

  get definition(): UpstreamDefinition {
    return this.options.definition;
  }

  get source(): string {
    return this.definition.source;
  }

  /** Of one call, whatever it is of. */
  get limits(): CallLimits {
    const { timeoutMs = this.options.timeoutMs, idleTimeoutMs = timeoutMs } = this.definition.server.limits;
    return { timeoutMs: Math.min(timeoutMs, this.options.timeoutMs), idleTimeoutMs };
  }

  get state(): LinkState {
    return this.link.state;
  }

  /** Resolves when the first attempt has ended, and the tools are listed if it went well. */
  async start(): Promise<void> {
    await this.link.start();
    await this.refreshing.settled();
  }

  async stop(): Promise<void> {
    this.refreshing.stop();
    await Promise.all([this.link.stop(), this.callers.stop()]);
  }

  private connect(token: string | undefined, onClosed: () => void, signal: AbortSignal): Promise<McpPeer> {
    const isShared = token === undefined;
    const redact = upstreamRedactor(this.definition.server, token);
    const { listener, openTransport } = this.options;
    return McpPeer.connect({
      openTransport: () => openTransport(token),
      connectTimeoutMs: this.definition.server.limits.connectTimeoutMs,
      signal,
      listener: {
        closed: onClosed,
        error: (error) =>
          this.logger.debug({ msg: 'an upstream errs', upstream: this.source, error: printable(redact(error.message), LONGEST_ERROR) }),
        listChanged: (what) => isShared && this.listChanged(what),
        resourceUpdated: (uri) => isShared && listener.resourceUpdated(this, uri),
      },
    });
  }

  private connected(peer: McpPeer): void {
    this.breaker.succeeded();
    this.logger.log({ msg: 'an upstream is connected', upstream: this.source, protocol: peer.protocolVersion });
    this.refreshing.run();
    for (const what of ['resources', 'prompts'] as const) this.options.listener.listChanged(this, what);
  }

  private down(error: unknown): void {
    this.lastError = printable(upstreamRedactor(this.definition.server)(explanation(error)), LONGEST_ERROR);
    this.logger.warn({
      msg: 'an upstream is not connected',
      upstream: this.source,
      error: this.lastError,
      retry_ms: this.link.retryAfterMs(),
    });
  }

  private listChanged(what: Listed): void {
    if (what === 'tools') this.refreshing.run();
    else this.options.listener.listChanged(this, what);
  }

  private async refreshTools(): Promise<void> {
    const { peer } = this.link;
    if (peer === undefined) return;
    const { server } = this.definition;
    const { connectTimeoutMs, maxTools } = server.limits;
    const page = (cursor: string | undefined): Promise<unknown> =>
      peer.request('tools/list', cursor === undefined ? {} : { cursor }, { timeoutMs: connectTimeoutMs, idleTimeoutMs: connectTimeoutMs });
    try {
      const { tools, leftOut } =
        peer.capabilities.tools === undefined ? { tools: [], leftOut: [] } : await readToolList(page, { maxTools, ...toolRules(server) });
      if (leftOut.length > 0) this.logger.warn({ msg: 'tools of an upstream are left out', upstream: this.source, left_out: leftOut });
      if (this.link.peer === peer) this.replaceTools(tools);
    } catch (error) {
      await this.link.drop(peer, new Error(`its tools cannot be listed: ${(error as Error).message}`));
    }
  }

  /** Tools that are the same stay the same objects: what is known of them is kept by identity. */
  private replaceTools(listed: Awaited<ReturnType<typeof readToolList>>['tools']): void {
    this.lastError = '';
    const names = toolNames(
      this.source,
      listed.map(({ name }) => name),
    );
    const { timeoutMs } = this.definition.server.limits;
    let isChanged = listed.length !== this.tools.size;
    const tools = new Map<string, UpstreamTool>();
    listed.forEach((definition, i) => {
      const made = new UpstreamTool(names[i] as string, this.source, definition, timeoutMs, (tool, args, caller) =>
        this.calls.call(tool, args, caller),
      );
      const known = this.tools.get(made.name);
      const isSame = known?.isSameAs(made) === true;
      if (!isSame) isChanged = true;
      tools.set(made.name, isSame ? known : made);
    });
    this.tools = tools;
    if (isChanged) this.options.listener.toolsChanged(this);
  }
}

function toolRules({ allowTools, denyTools }: UpstreamDefinition['server']) {
  return { allowTools, denyTools };
}

/** An error of `fetch` says in its cause what it is about. */
function explanation(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
