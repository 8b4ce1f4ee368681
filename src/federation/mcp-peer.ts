// One live MCP session with an upstream, of either era. It ends once; who makes a new one is upstream-link.ts.
import {
  Client,
  CLIENT_CAPABILITIES_META_KEY,
  LOG_LEVEL_META_KEY,
  ProtocolError,
  SdkError,
  SdkErrorCode,
  type CallToolRequest,
  type McpSubscription,
  type Progress,
  type ProtocolEra,
  type ServerCapabilities,
  type StandardSchemaV1,
  type Transport,
} from '@modelcontextprotocol/client';

import type { CallMeta } from '../extension/caller.js';
import type { CallingClient, InputRequest } from '../extension/calling-client.js';
import { readTrace, type TraceContext } from '../extension/trace-context.js';

import { CallBinding } from './call-binding.js';

export type Listed = 'tools' | 'resources' | 'prompts';

export interface PeerListener {
  listChanged(what: Listed): void;
  resourceUpdated(uri: string): void;
  closed(): void;
  error(error: Error): void;
}

/** Who caused a call, as far as the other side may ask it for something. */
export interface Asked {
  /** Whose call it is. */
  readonly owner: string;
  /** Of MCP's `ClientCapabilities` those by which a client can be asked. */
  readonly capabilities: Readonly<Record<string, unknown>>;
  /** Passes on what the other side tells of the call. */
  readonly log?: CallingClient['log'] | undefined;
  /** The least serious of what it wants to be told. */
  readonly logLevel?: CallingClient['logLevel'];
  /** Passes on what the other side asks while the call goes on. Absent: it cannot be asked. Throws `ProtocolError`. */
  readonly ask?: ((request: InputRequest, signal: AbortSignal) => Promise<object>) | undefined;
}

export interface PeerCall {
  /** Undefined: this server itself. */
  readonly asked?: Asked | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly meta?: CallMeta | undefined;
  /** Longest silence: no answer and no progress. */
  readonly idleTimeoutMs: number;
  readonly timeoutMs: number;
  readonly onProgress?: ((progress: number, total?: number, message?: string, trace?: TraceContext) => void) | undefined;
}

export interface PeerOptions {
  readonly openTransport: () => Transport;
  readonly connectTimeoutMs: number;
  readonly listener: PeerListener;
  /** Aborted: the attempt is given up. */
  readonly signal: AbortSignal;
}

/** Results are read by who asked: the SDK's own schemas cost time, and refuse what a newer server adds. */
const AS_IT_CAME = {
  '~standard': { version: 1, vendor: 'mcpw', validate: (value: unknown) => ({ value }) },
} satisfies StandardSchemaV1<unknown>;

const CLIENT_INFO = { name: 'mcpw', version: '1' };
/**
 * What the other side may ask for, in the older era where a session says so once, for all its calls. Roots are not among them: there
 * they are the session's, and one caller's would be shown to the others. In the newer era each call says what its own client can do.
 */
const CAPABILITIES = { sampling: {}, elicitation: { form: {}, url: {} } };
const ASKED = ['sampling/createMessage', 'elicitation/create'] as const;
const METHOD_NOT_FOUND = -32_601;
/** What a server of the older era may take to say that it does not know the newer one's first question. */
const PROBE_MS = 5_000;
const LISTEN_AGAIN_MS = 1_000;

export class McpPeer {
  private readonly watched = new Set<string>();
  private subscription: McpSubscription | undefined;
  private listening: NodeJS.Timeout | undefined;
  private isClosed = false;
  private readonly binding = new CallBinding<PeerCall>();

  private constructor(
    private readonly client: Client,
    private readonly listener: PeerListener,
  ) {
    client.onclose = () => this.closed();
    client.onerror = (error) => listener.error(error);
    for (const what of ['tools', 'resources', 'prompts'] as const) {
      client.setNotificationHandler(`notifications/${what}/list_changed`, () => listener.listChanged(what));
    }
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => listener.resourceUpdated(params.uri));
    client.setNotificationHandler('notifications/message', ({ params: { level, data, logger } }) =>
      this.binding.find()?.asked?.log?.(level, data, logger),
    );
    for (const method of ASKED) {
      client.setRequestHandler(method, ({ params }, { mcpReq }) => this.passOn({ method, params: { ...params } }, mcpReq.signal) as never);
    }
  }

  /** Agrees on the era. Some servers of the older one end at the newer one's first question: they are asked again without it. */
  static async connect(options: PeerOptions): Promise<McpPeer> {
    try {
      return await McpPeer.open(options, false);
    } catch (error) {
      if (options.signal.aborted || !mayBeOlder(error)) throw error;
      return McpPeer.open(options, true);
    }
  }

  private static async open({ openTransport, connectTimeoutMs, listener, signal }: PeerOptions, isOlder: boolean): Promise<McpPeer> {
    const client = new Client(CLIENT_INFO, {
      versionNegotiation: { mode: 'auto', probe: { timeoutMs: Math.min(PROBE_MS, connectTimeoutMs) } },
      inputRequired: { autoFulfill: false },
      capabilities: CAPABILITIES,
    });
    const peer = new McpPeer(client, listener);
    const transport = openTransport();
    const onAbort = (): void => void transport.close().catch(() => undefined);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      signal.throwIfAborted();
      const options = { timeout: connectTimeoutMs, signal, ...(isOlder && { prior: { kind: 'legacy' } as const }) };
      await CallBinding.outside(() => client.connect(transport, options));
    } catch (error) {
      peer.isClosed = true;
      await transport.close().catch(() => undefined);
      throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
    if (peer.era === 'modern') void peer.listen();
    return peer;
  }

  get era(): ProtocolEra | undefined {
    return this.client.getProtocolEra();
  }

  get protocolVersion(): string | undefined {
    return this.client.getNegotiatedProtocolVersion();
  }

  get capabilities(): ServerCapabilities {
    return this.client.getServerCapabilities() ?? {};
  }

  /** @returns the result as it came, not checked; in the newer era it may be one that asks for input */
  request(method: string, params: Record<string, unknown>, call: PeerCall): Promise<unknown> {
    return this.binding.during(call, () =>
      this.client.request({ method, params: this.withMeta(params, call) }, AS_IT_CAME, requestOptions(call)),
    );
  }

  /**
   * `tools/call` of a tool that wants some of its arguments as HTTP headers too: the SDK knows how.
   * @param inputSchema the tool's, as the upstream listed it
   */
  callWithHeaders(params: CallToolRequest['params'], inputSchema: object, call: PeerCall): Promise<unknown> {
    const toolDefinition = { name: params.name, inputSchema: inputSchema as { type: 'object' } };
    return this.binding.during(call, () =>
      this.client.callTool(this.withMeta(params, call) as CallToolRequest['params'], { ...requestOptions(call), toolDefinition }),
    );
  }

  /** Whether the other side answers. */
  async ping(timeoutMs: number): Promise<void> {
    if (this.era === 'modern') await this.client.discover({ timeout: timeoutMs });
    else await this.client.ping({ timeout: timeoutMs });
  }

  async watchResource(uri: string): Promise<void> {
    this.watched.add(uri);
    if (this.era === 'modern') await this.listen();
    else await this.client.subscribeResource({ uri });
  }

  async unwatchResource(uri: string): Promise<void> {
    if (!this.watched.delete(uri) || this.isClosed) return;
    if (this.era === 'modern') await this.listen();
    else await this.client.unsubscribeResource({ uri });
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    await this.client.close();
    this.closed();
  }

  /** The newer era tells of changes only on a stream that was asked for; one stream carries all that is watched. */
  private async listen(): Promise<void> {
    clearTimeout(this.listening);
    const { tools, resources, prompts } = this.capabilities;
    const filter = {
      ...(tools?.listChanged === true && { toolsListChanged: true }),
      ...(resources?.listChanged === true && { resourcesListChanged: true }),
      ...(prompts?.listChanged === true && { promptsListChanged: true }),
      ...(this.watched.size > 0 && { resourceSubscriptions: [...this.watched] }),
    };
    const before = this.subscription;
    this.subscription = undefined;
    if (Object.keys(filter).length > 0) {
      try {
        const subscription = await this.client.listen(filter);
        this.subscription = subscription;
        void subscription.closed.then((cause) => {
          if (cause === 'remote' && this.subscription === subscription) this.listenAgain();
        });
      } catch (error) {
        this.listener.error(error as Error);
        this.listenAgain();
      }
    }
    await before?.close();
  }

  /** What the other side asks, in the older era, of whoever caused it. */
  private async passOn({ method, params = {} }: InputRequest, signal: AbortSignal): Promise<object> {
    const ask = this.binding.find()?.asked?.ask;
    if (ask === undefined) throw new ProtocolError(METHOD_NOT_FOUND, `${method}: there is no client that can be asked`);
    const { _meta, ...own } = params;
    const trace = readTrace(_meta);
    return ask({ method, params: trace === undefined ? own : { ...own, _meta: trace } }, signal);
  }

  /** W3C trace context goes on in `_meta`, as MCP has it, and in the newer era what the client of the call can be asked for. */
  private withMeta(params: Record<string, unknown>, { meta, asked }: PeerCall): Record<string, unknown> {
    const isModern = this.era === 'modern';
    const trace = readTrace(meta);
    if (!isModern && trace === undefined) return params;
    const _meta = {
      ...trace,
      ...(isModern && { [CLIENT_CAPABILITIES_META_KEY]: asked?.capabilities ?? {} }),
      ...(isModern && asked?.logLevel !== undefined && { [LOG_LEVEL_META_KEY]: asked.logLevel }),
    };
    return { ...params, _meta };
  }

  private listenAgain(): void {
    if (this.isClosed) return;
    clearTimeout(this.listening);
    this.listening = setTimeout(() => void this.listen(), LISTEN_AGAIN_MS).unref();
  }

  private closed(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    clearTimeout(this.listening);
    this.listener.closed();
  }
}

function mayBeOlder(error: unknown): boolean {
  if (!(error instanceof SdkError)) return false;
  const status = (error as { status?: unknown }).status;
  return status === undefined && (error.code === SdkErrorCode.EraNegotiationFailed || error.code === SdkErrorCode.RequestTimeout);
}

function requestOptions({ signal, idleTimeoutMs, timeoutMs, onProgress }: PeerCall) {
  return {
    timeout: Math.min(idleTimeoutMs, timeoutMs),
    maxTotalTimeout: timeoutMs,
    resetTimeoutOnProgress: true,
    allowInputRequired: true,
    ...(signal !== undefined && { signal }),
    ...(onProgress !== undefined && {
      onprogress: (now: Progress & { readonly _meta?: unknown }) => onProgress(now.progress, now.total, now.message, readTrace(now._meta)),
    }),
  };
}
