// One POST and its response, as the link of the call that it brought. The response is one JSON object, unless something is to be said
// before: then it becomes a stream of events, which in a session can be lost and found again.
import type { ServerResponse } from 'node:http';

import type { Credential } from '../../connection/connection.js';
import { Failure } from '../../extension/failure.js';
import type { AnswerEnd, CallLink } from '../call-link.js';
import type { McpSession } from './mcp-session.js';
import type { ResumableStream } from './resumable-stream.js';
import type { SseStream } from './sse-stream.js';

/** What all exchanges share. */
export interface ExchangeHost {
  /** Answers with a JSON text. */
  reply(response: ServerResponse, status: number, text: string, headers: Readonly<Record<string, string>>): void;
  /** @returns undefined where too many are open: then the call has no stream, and its answer comes as JSON */
  openStream(response: ServerResponse, credential: Credential, headers: Readonly<Record<string, string>>): SseStream | undefined;
  /** Headers that say a failure too. */
  headersOf(failure: Failure, response: ServerResponse): Readonly<Record<string, string>>;
  now(): number;
}

export interface ExchangeOptions {
  readonly response: ServerResponse;
  readonly credential: Credential;
  /** Of a session's call. */
  readonly session: McpSession | undefined;
  /** What the client takes of JSON and streams. */
  readonly accepts: { readonly json: boolean; readonly stream: boolean };
  /** Of every response. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A call of a session that takes longer gets its stream, by which its answer can be found again. */
const STREAM_AFTER_MS = 2_000;

export class HttpExchange implements CallLink {
  private stream: SseStream | undefined;
  private resumable: ResumableStream | undefined;
  private hasRefused = false;
  private isAnswered = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly host: ExchangeHost,
    private readonly options: ExchangeOptions,
  ) {}

  /** The call has no answer yet. @param onGone called where the client goes before it has */
  awaits(onGone: () => void): void {
    const { response, session, accepts } = this.options;
    response.once('close', () => {
      clearTimeout(this.timer);
      if (this.stream !== undefined) this.resumable?.detach(this.stream);
      if (!this.isAnswered) onGone();
    });
    if (session !== undefined && accepts.stream) this.timer = setTimeout(() => this.open(), STREAM_AFTER_MS).unref();
  }

  get isOpen(): boolean {
    return !this.isAnswered && (this.resumable !== undefined || !this.options.response.destroyed);
  }

  get isWritable(): boolean {
    return (this.resumable ?? this.stream)?.isWritable ?? true;
  }

  get request(): CallLink['request'] {
    const { session, accepts } = this.options;
    if (session === undefined || !accepts.stream) return undefined;
    return (method, params, options) => session.requests.ask((text) => this.send(text), method, params, options);
  }

  send(text: string): boolean {
    if (this.isAnswered || !this.open()) return false;
    if (this.resumable !== undefined) this.resumable.send(text);
    else this.stream?.event(text);
    return true;
  }

  answer(text: string, { status, failure, isCancelled }: AnswerEnd): void {
    if (this.isAnswered) return;
    clearTimeout(this.timer);
    const { response, headers, accepts } = this.options;
    const isStream = this.stream !== undefined || (!accepts.json && this.open());
    if (isStream && isCancelled !== true) this.send(text);
    this.isAnswered = true;
    if (isStream) {
      this.resumable?.complete(this.host.now());
      this.stream?.end();
    } else if (!response.destroyed) {
      const own = failure === undefined ? headers : { ...headers, ...this.host.headersOf(failure, response) };
      this.host.reply(response, status, text, own);
    }
  }

  onceDrained(listener: () => void): () => void {
    const stream = this.resumable ?? this.stream;
    if (stream !== undefined) return stream.onceDrained(listener);
    queueMicrotask(listener);
    return () => undefined;
  }

  onceClosed(listener: () => void): () => void {
    this.options.response.once('close', listener);
    return () => this.options.response.off('close', listener);
  }

  /** @returns false where there is no stream */
  private open(): boolean {
    if (this.stream !== undefined || this.resumable !== undefined) return true;
    const { response, credential, session, accepts, headers } = this.options;
    if (this.hasRefused || !accepts.stream || response.destroyed || response.headersSent) return false;
    this.stream = this.host.openStream(response, credential, headers);
    this.hasRefused = this.stream === undefined;
    if (this.stream === undefined) return false;
    this.resumable = session?.openStream();
    this.resumable?.attach(this.stream);
    return true;
  }
}
