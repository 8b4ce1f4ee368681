// MCP's Streamable HTTP: the SDK's transport, with an end for every request's stream. The SDK leaves a request that its server
// dropped without an answer, or that its caller gave up in the older era, to a timer; here its caller hears at once, and its
// socket is free.
import { AsyncLocalStorage } from 'node:async_hooks';

import {
  isJSONRPCErrorResponse,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  StreamableHTTPClientTransport,
  type JSONRPCMessage,
  type Transport,
  type TransportSendOptions,
} from '@modelcontextprotocol/client';

import type { HttpCaller } from '../egress/http-caller.js';
import { TOO_LARGE } from './read-message.js';

export interface HttpTransportOptions {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly http: HttpCaller;
}

type Id = string | number;

/** JSON-RPC error of a request whose stream ended without an answer. */
export const STREAM_ENDED = -32_099;
/** How long the other side may take to accept a notification. */
const NOTIFICATION_MS = 30_000;
/** How long a stream may stay open once its request has its answer. */
const LINGER_MS = 1_000;
const TERMINATE_MS = 1_000;

export class HttpTransport implements Transport {
  readonly hasPerRequestStream = true;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  private readonly inner: StreamableHTTPClientTransport;
  private readonly open = new Map<Id, RequestStream>();
  /** The id of the request that is being sent, where its answer is read. */
  private readonly asking = new AsyncLocalStorage<Id>();
  private isClosed = false;

  constructor(private readonly options: HttpTransportOptions) {
    const { url, headers, http } = options;
    this.inner = new StreamableHTTPClientTransport(url, {
      fetch: (input, init) => {
        const id = this.asking.getStore();
        return http.fetch(input, init, id === undefined ? undefined : ({ message }) => this.refused(id, message));
      },
      requestInit: { headers: { ...headers } },
      onInsufficientScope: 'throw',
    });
    this.inner.onmessage = (message) => this.receive(message);
    this.inner.onerror = (error) => this.onerror?.(error);
  }

  get sessionId(): string | undefined {
    return this.inner.sessionId;
  }

  setProtocolVersion(version: string): void {
    this.inner.setProtocolVersion(version);
  }

  start(): Promise<void> {
    return this.inner.start();
  }

  async send(message: JSONRPCMessage, options: TransportSendOptions = {}): Promise<void> {
    if (!isJSONRPCRequest(message)) return this.sendNotification(message, options);
    const { id } = message;
    const stream = new RequestStream(options.requestSignal, () => this.open.delete(id));
    this.open.set(id, stream);
    const onRequestStreamEnd = (): void => {
      options.onRequestStreamEnd?.();
      const isUnanswered = this.open.get(id) === stream && !stream.isAnswered;
      stream.release();
      if (isUnanswered)
        this.onmessage?.({ jsonrpc: '2.0', id, error: { code: STREAM_ENDED, message: 'the stream ended without an answer' } });
    };
    try {
      const own = { ...options, requestSignal: stream.signal, onRequestStreamEnd };
      await this.asking.run(id, () => this.inner.send(message, own as never));
    } catch (error) {
      stream.release();
      throw error;
    }
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    for (const stream of [...this.open.values()]) stream.abort();
    if (this.inner.sessionId !== undefined) await this.terminate();
    await this.inner.close();
    await this.options.http.close();
    this.onclose?.();
  }

  private receive(message: JSONRPCMessage): void {
    this.onmessage?.(message);
    if ((isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message)) && message.id !== undefined)
      this.open.get(message.id)?.answered();
  }

  /** The answer is not read to its end: nothing of it is to be had, and nothing that is not a caller's fault. */
  private refused(id: Id, message: string): void {
    this.onmessage?.({ jsonrpc: '2.0', id, error: { code: TOO_LARGE, message } });
    this.open.get(id)?.abort();
  }

  private async sendNotification(message: JSONRPCMessage, options: TransportSendOptions): Promise<void> {
    await this.inner.send(message, { ...options, requestSignal: AbortSignal.timeout(NOTIFICATION_MS) } as never);
    if (!('method' in message) || message.method !== 'notifications/cancelled') return;
    const { requestId } = (message.params ?? {}) as { requestId?: Id };
    if (requestId !== undefined) this.open.get(requestId)?.abort();
  }

  /** Tells the server that the session is over; it need not listen. */
  private async terminate(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<void>((resolve) => (timer = setTimeout(resolve, TERMINATE_MS)));
    await Promise.race([this.inner.terminateSession().catch(() => undefined), tooLate]);
    clearTimeout(timer);
  }
}

/** The stream that one request's answer comes by. */
class RequestStream {
  isAnswered = false;
  private readonly controller = new AbortController();
  private lingering: NodeJS.Timeout | undefined;
  private readonly onOuterAbort = (): void => this.abort();

  constructor(
    private readonly outer: AbortSignal | undefined,
    private readonly onReleased: () => void,
  ) {
    outer?.addEventListener('abort', this.onOuterAbort, { once: true });
    if (outer?.aborted === true) this.controller.abort();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** It ends by itself, or soon. */
  answered(): void {
    this.isAnswered = true;
    this.lingering ??= setTimeout(() => this.abort(), LINGER_MS).unref();
  }

  abort(): void {
    this.release();
    this.controller.abort();
  }

  release(): void {
    clearTimeout(this.lingering);
    this.outer?.removeEventListener('abort', this.onOuterAbort);
    this.onReleased();
  }
}
