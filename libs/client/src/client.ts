// The client that programs hold: one connection that lasts, and what it is used for. It puts the parts together; each part's own
// file says how it does its work.
import { BinaryCodec } from './binary-codec.js';
import type { Progress, RequestOptions } from './call.js';
import { Calls, type CallOptions } from './calls.js';
import { EVENT_NAME, type ClientEvents } from './client-events.js';
import { settle, type ClientOptions, type Settings } from './client-options.js';
import type { Connection } from './connection.js';
import { Credentials } from './credentials.js';
import { Emitter } from './emitter.js';
import { ConnectionLostError } from './errors.js';
import type { Encoding } from './incoming.js';
import { firstConnection } from './first-connection.js';
import { JsonCodec } from './json-codec.js';
import { KeepAlive } from './keep-alive.js';
import { Lifeline, type ClientState, type StateChange } from './lifeline.js';
import type { MessageCodec } from './message-codec.js';
import { MessageRouter } from './message-router.js';
import type { InitializeResult, Method, RequestMethod, RequestParams, ResultOf, ToolResult } from './method-map.js';
import { MethodNumbers } from './method-numbers.js';
import { FUNCTION, mistakeOf, refuseWrong, SIGNAL } from './option-checks.js';
import { OfferedTools, type Offer } from './offered-tools.js';
import { Outbound } from './outbound.js';
import type { Platform } from './platform.js';
import { Replies } from './replies.js';
import { withParams } from './sendable.js';
import type { SubscribeOptions, Subscription } from './subscription.js';
import { Subscriptions } from './subscriptions.js';
import { TokenRenewal } from './token-renewal.js';
import { ToolRun } from './tool-run.js';
import { ToolRuns, type OfferedTool } from './tool-runs.js';

export interface ExecuteOptions extends RequestOptions {
  /** Told how far the tool is, where the tool says so. */
  readonly onProgress?: (progress: Progress) => void;
}

/** What the server said of itself and of this session; `resume_token` is the client's own business. */
export type Session = Readonly<Omit<InitializeResult, 'resume_token' | 'security'>>;

/** Where the server names no interval. */
const DEFAULT_IDLE_MS = 30_000;

export class Client {
  private readonly settings: Settings;
  private readonly credentials: Credentials;
  private readonly methods = new MethodNumbers();
  private readonly codecs: Readonly<Record<Encoding, MessageCodec>> = { json: new JsonCodec(), binary: new BinaryCodec(this.methods) };
  private readonly emitter = new Emitter<ClientEvents>();
  private readonly calls: Calls;
  private readonly outbound: Outbound;
  private readonly subscriptions: Subscriptions;
  private readonly tools: OfferedTools;
  private readonly toolRuns: ToolRuns;
  private readonly lifeline: Lifeline;
  private keepAlive: KeepAlive | undefined;
  private renewal: TokenRenewal | undefined;
  private current: Session | undefined;
  private connected: Promise<this> | undefined;
  private lastId = 0;

  /** Use `connect`. @throws InvalidOptionError for options that cannot be meant, or do not go together */
  constructor(
    private readonly platform: Platform,
    options: ClientOptions,
  ) {
    this.settings = settle(options);
    this.credentials = new Credentials(options);
    const { clock } = platform;
    const nextId = (): number => ++this.lastId;
    const request = (method: Method, params: unknown, own: CallOptions): Promise<unknown> => this.calls.start(method, params, own);
    const notify = (method: string, params: object): void => this.send(method, params);
    this.outbound = new Outbound(platform, this.settings, () => this.calls);
    this.calls = new Calls(platform, this.settings, this.codec, nextId, {
      ready: () => this.outbound.pump(),
      cancel: (method, params) => this.outbound.post(this.codec.request(nextId(), method, params)),
      limited: (retryAfterMs) => this.outbound.limited(retryAfterMs),
    });
    const replies = new Replies(this.codecs, clock, (message) => this.outbound.post(message));
    this.subscriptions = new Subscriptions({ request, notify }, clock);
    this.tools = new OfferedTools({ request }, clock);
    this.toolRuns = new ToolRuns(
      { notify, respond: (to, result) => replies.respond(to, result), refuse: (to, error) => replies.refuse(to, error) },
      clock,
    );
    const { settings, credentials, methods, codec, calls, subscriptions, tools, toolRuns, emitter } = this;
    const draining = (reconnectInMs: number): void => this.lifeline.policy.draining(reconnectInMs);
    const router = new MessageRouter({ calls, subscriptions, tools, toolRuns, replies, emitter, draining });
    this.lifeline = new Lifeline(
      { platform, settings, credentials, methods, codec, nextId },
      {
        opened: (connection, session) => this.opened(connection, session),
        message: (message) => router.take(message),
        activity: () => this.keepAlive?.touch(),
        lost: (error) => this.lost(error),
        stopped: (error) => this.stopped(error),
        changed: (change) => this.emitter.emit('state', change),
        cursors: () => this.subscriptions.cursors(),
      },
    );
  }

  /**
   * Resolves when the client is connected for the first time; called again it gives the same.
   * @param signal gives up; the client is closed then
   * @throws UpgradeRefusedError, McpwError or ConnectionLostError where the server will not have it, or there was none for
   *   `maxWaitMs`; UnsupportedError where it speaks another version of the protocol; InvalidOptionError where the credential's
   *   function gives none; ClientClosedError after `close`
   */
  connect(signal?: AbortSignal): Promise<this> {
    const { stoppedBy } = this.lifeline;
    if (stoppedBy !== undefined) return Promise.reject(stoppedBy);
    const mistake = mistakeOf('signal', signal, SIGNAL);
    if (mistake !== undefined) return Promise.reject(mistake);
    return (this.connected ??= this.connectOnce(signal));
  }

  get state(): ClientState {
    return this.lifeline.state;
  }

  /** That of the present connection, or of the last. */
  get session(): Session {
    if (this.current === undefined) throw new ConnectionLostError('there was no connection yet');
    return this.current;
  }

  /**
   * Asks the server. Where the connection is lost before the answer, the request is repeated on the next one, and runs once.
   * @param rest params, which need not be given where each of them may be left out, and `RequestOptions`
   * @throws McpwError, RequestTimeoutError, ConnectionLostError, QueueFullError, InvalidOptionError, TypeError for params that
   *   cannot be sent, the signal's reason, or what ended the client: ClientClosedError after `close`
   */
  request<M extends RequestMethod>(method: M, ...rest: [...RequestParams<M>, options?: RequestOptions]): Promise<ResultOf<M>> {
    const [params = {}, options] = rest as unknown as [object?, RequestOptions?];
    return this.calls.start(method, params, options) as Promise<ResultOf<M>>;
  }

  /**
   * Tells the server something that it does not answer.
   * @throws ConnectionLostError without a connection; McpwError `too_large`, or `method_not_found` where frames have no number for
   *   the method; TypeError for params that cannot be sent; what ended the client: ClientClosedError after `close`
   */
  notify(method: string, params: object = {}): void {
    this.refuseWhereStopped();
    if (this.state !== 'open') throw new ConnectionLostError(`${method} was not sent: there is no connection`);
    this.send(method, params);
  }

  /** Runs a tool. One that fails is a result with `status` "failed"; errors are thrown for what could not be run. */
  executeTool(name: string, args: object = {}, options: ExecuteOptions = {}): Promise<ToolResult> {
    const params = { name, arguments: args, ...(options.onProgress === undefined ? {} : { stream: true }) };
    return this.calls.start('tool.execute', params, options) as Promise<ToolResult>;
  }

  /** Runs a tool whose progress is iterated: `for await (const step of run)`; then `await run.result`. */
  runTool(name: string, args: object = {}, options: RequestOptions = {}): ToolRun {
    return new ToolRun((onProgress) => this.executeTool(name, args, { ...options, onProgress }));
  }

  /**
   * Events that match one of the patterns: `for await (const event of client.subscribe(['context.*']))`.
   * @throws InvalidOptionError; what ended the client: ClientClosedError after `close`
   */
  subscribe<T = unknown>(patterns: readonly string[], options: SubscribeOptions = {}): Subscription<T> {
    this.refuseWhereStopped();
    return this.subscriptions.add<T>(patterns, options);
  }

  /**
   * Offers tools that the server, and so every agent of the tenant, can run here.
   * @throws TypeError for tools that cannot be offered; what ended the client: ClientClosedError after `close`
   */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each tool knows what its arguments are
  offerTools(tools: readonly OfferedTool<any>[]): Offer {
    this.refuseWhereStopped();
    return this.tools.offer(tools);
  }

  /** Returns the way to take the listener back. @throws InvalidOptionError for what is no event, or no function */
  on<N extends keyof ClientEvents>(name: N, listener: (value: ClientEvents[N]) => void): () => void {
    refuseWrong('event', name, EVENT_NAME);
    refuseWrong('listener', listener, FUNCTION);
    return this.emitter.on(name, listener);
  }

  /** Ends the connection; requests under way fail with a `ClientClosedError`, tools that run are cancelled, loops over events end. */
  async close(): Promise<void> {
    this.calls.cancelAll();
    this.outbound.flush();
    await this.lifeline.close();
  }

  /** `await using client = await connect(…)`: closes it, where the runtime has that. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private refuseWhereStopped(): void {
    const { stoppedBy } = this.lifeline;
    if (stoppedBy !== undefined) throw stoppedBy;
  }

  private send(method: string, params: object): void {
    this.outbound.post(withParams(method, () => this.codec.notification(++this.lastId, method, params)));
  }

  private async connectOnce(signal: AbortSignal | undefined): Promise<this> {
    const onState = (listener: (change: StateChange) => void): (() => void) => this.on('state', listener);
    try {
      const { clock } = this.platform;
      await firstConnection({ start: () => this.lifeline.start(), onState, maxWaitMs: this.settings.maxWaitMs, clock }, signal);
      return this;
    } catch (error) {
      void this.close();
      throw error;
    }
  }

  private get codec(): MessageCodec {
    return this.codecs[this.settings.encoding];
  }

  private opened(connection: Connection, session: InitializeResult): void {
    const { resume_token: _token, security: _keys, ...rest } = session;
    this.current = rest;
    this.outbound.connected(connection, session.limits);
    this.calls.connected();
    this.subscriptions.connected(session.resumed);
    this.tools.connected();
    this.keepAlive = new KeepAlive(
      this.platform.clock,
      this.settings.idleMs ?? (session.limits.ping_interval_ms || DEFAULT_IDLE_MS),
      this.settings.pongTimeoutMs,
      () => connection.ping() || this.outbound.post(this.codec.ping(++this.lastId)),
      () => connection.abandon('the server gives no sign of life'),
    );
    if (this.credentials.isRenewableToken) {
      const authenticate = (token: string): Promise<unknown> => this.calls.start('session.authenticate', { token }, { isUrgent: true });
      this.renewal = new TokenRenewal(this.platform.clock, () => this.credentials.fetch(), authenticate);
      this.renewal.start(connection.secret);
    }
    this.outbound.pump();
  }

  private lost(error: Error): void {
    this.release();
    this.subscriptions.lost();
    this.tools.lost();
    this.toolRuns.lost(error);
    this.calls.lost(error);
  }

  private stopped(error: Error): void {
    this.release();
    this.subscriptions.stop(error);
    this.tools.stop(error);
    this.toolRuns.lost(error);
    this.calls.stop(error);
  }

  private release(): void {
    this.outbound.lost();
    this.keepAlive?.stop();
    this.renewal?.stop();
    this.keepAlive = this.renewal = undefined;
  }
}
