// A session of the older era over HTTP: what `initialize` agreed on, and what is open for it. It belongs to one principal, survives
// neither the server nor its own idleness, and costs little while nothing happens: all but its facts is made when it is needed.
import type { LogLevel } from '../../extension/calling-client.js';
import { Failure } from '../../extension/failure.js';
import type { Principal } from '../../extension/principal.js';
import type { PendingCall } from '../../connection/connection.js';
import type { ChangeListener } from '../changes/change-listener.js';
import type { SessionClient } from '../client.js';
import { ClientRequests } from '../client-requests.js';
import type { RpcId } from '../json-rpc.js';
import { PRIMED_SINCE } from '../protocol-versions.js';
import { DEFAULT_LOG_LEVEL, type Hello } from '../read-initialize.js';
import { ResumableStream } from './resumable-stream.js';
import type { SseStream } from './sse-stream.js';

export interface SessionOptions {
  readonly id: string;
  readonly handle: string;
  readonly principal: Principal;
  readonly credentialId: string;
  readonly hello: Hello;
  readonly changes: ChangeListener;
  /** Milliseconds of the clock. */
  readonly now: number;
}

/** Streams that have said all and may still be asked for. */
const KEPT_STREAMS = 16;
const KEPT_STREAM_MS = 60_000;
const STANDALONE = '0';

export class McpSession implements SessionClient {
  readonly era = 'legacy';
  /** What events, logs and audit call it. */
  readonly id: string;
  /** What its client finds it by (`Mcp-Session-Id`), and nobody else is told: where callers are anonymous, it is all that tells them apart. */
  readonly handle: string;
  readonly principal: Principal;
  /** What it was opened with: it ends when that does. */
  readonly credentialId: string;
  readonly changes: ChangeListener;
  readonly version: string;
  readonly capabilities: Readonly<Record<string, unknown>>;
  logLevel: LogLevel = DEFAULT_LOG_LEVEL;
  /** Milliseconds of the clock. */
  lastUsedAt: number;
  hasEnded = false;
  private pending: Map<RpcId, PendingCall> | undefined;
  private asked: ClientRequests | undefined;
  private streams: Map<string, ResumableStream> | undefined;
  private streamCount = 0;

  constructor({ id, handle, principal, credentialId, hello, changes, now }: SessionOptions) {
    this.id = id;
    this.handle = handle;
    this.principal = principal;
    this.credentialId = credentialId;
    this.changes = changes;
    this.version = hello.version;
    this.capabilities = hello.capabilities;
    this.lastUsedAt = now;
  }

  /** Calls under way, by id. */
  get calls(): Map<RpcId, PendingCall> {
    return (this.pending ??= new Map<RpcId, PendingCall>());
  }

  get requests(): ClientRequests {
    return (this.asked ??= new ClientRequests());
  }

  /** Whether something of it goes on, or a stream is open, so that it is not idle. */
  get isBusy(): boolean {
    if ((this.pending?.size ?? 0) > 0) return true;
    for (const { isAttached } of this.streams?.values() ?? []) if (isAttached) return true;
    return false;
  }

  /** A stream for one call. */
  openStream(): ResumableStream {
    const streams = (this.streams ??= new Map<string, ResumableStream>());
    if (streams.size > KEPT_STREAMS) this.dropCompleted(Infinity, streams.size - KEPT_STREAMS);
    const stream = new ResumableStream(String(++this.streamCount), this.version >= PRIMED_SINCE);
    streams.set(stream.id, stream);
    return stream;
  }

  /** The stream for what belongs to no call. */
  attachStandalone(out: SseStream): void {
    const streams = (this.streams ??= new Map<string, ResumableStream>());
    const stream = streams.get(STANDALONE) ?? new ResumableStream(STANDALONE, this.version >= PRIMED_SINCE);
    streams.set(STANDALONE, stream);
    stream.attach(out);
    this.feed(stream, out);
  }

  /** The stream that an event was of, where what came after it is still there. @param eventId of `Last-Event-ID` */
  findStream(eventId: string): { readonly stream: ResumableStream; readonly after: number } | undefined {
    const [id = '', number = '', ...rest] = eventId.split('.');
    const stream = this.streams?.get(id);
    const after = /^\d{1,15}$/.test(number) ? Number(number) : -1;
    return stream !== undefined && rest.length === 0 && after >= 0 && stream.canResume(after) ? { stream, after } : undefined;
  }

  /** Goes on with a stream on another connection. */
  resumeStream(stream: ResumableStream, out: SseStream, after: number): void {
    stream.resume(out, after);
    if (stream.id === STANDALONE) this.feed(stream, out);
    else out.onceClosed(() => stream.detach(out));
  }

  /** Forgets streams that nobody came back to. */
  sweep(now: number): void {
    if (this.streams !== undefined) this.dropCompleted(now - KEPT_STREAM_MS, Infinity);
  }

  end(): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.changes.end();
    for (const call of [...(this.pending?.values() ?? [])]) call.abort(new Failure('cancelled', 'the session has ended'));
    this.asked?.rejectAll(new Failure('unavailable', 'the session has ended'));
    for (const stream of this.streams?.values() ?? []) stream.cut();
    this.streams = undefined;
  }

  private feed(stream: ResumableStream, out: SseStream): void {
    const sink = {
      get isWritable() {
        return out.isWritable;
      },
      send: (text: string) => stream.send(text),
      onceDrained: (listener: () => void) => out.onceDrained(listener),
    };
    this.changes.attach(sink);
    out.onceClosed(() => {
      this.changes.detach(sink);
      stream.detach(out);
    });
  }

  private dropCompleted(before: number, most: number): void {
    let dropped = 0;
    for (const [id, { completedAt }] of this.streams ?? []) {
      if (dropped >= most) return;
      if (completedAt === undefined || completedAt > before) continue;
      this.streams?.delete(id);
      dropped++;
    }
  }
}
