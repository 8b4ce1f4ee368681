// What one client is told of changes: lists that are others now, and resources it watches. A change that could not be told yet is
// remembered, not queued: however long a client reads slowly or is not there, it costs no more than its marks.
import type { Caller } from '../../extension/caller.js';
import { Failure } from '../../extension/failure.js';
import type { McpCatalog } from '../catalog/mcp-catalog.js';
import { notificationText } from '../json-rpc.js';

export const CHANGE_KINDS = ['tools', 'resources', 'prompts'] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** Where it is told. */
export interface ChangeSink {
  readonly isWritable: boolean;
  send(text: string): unknown;
  onceDrained(listener: () => void): () => void;
}

/** What all listeners share. */
export interface ChangeSchedule {
  readonly catalog: McpCatalog;
  /** Has `flush` called soon, once for all that happens until then. */
  mark(listener: ChangeListener): void;
  /** The listener has ended. */
  forget(listener: ChangeListener): void;
}

const MOST_WATCHED = 1_000;

export class ChangeListener {
  private marks = 0;
  private markedUris: Set<string> | undefined;
  /** The way to take each back; undefined while it is asked for. */
  private watched: Map<string, (() => void) | undefined> | undefined;
  private sink: ChangeSink | undefined;
  private stopWaiting: (() => void) | undefined;
  private whenEnded: (() => void) | undefined;
  private hasEnded = false;

  /** @param meta `_meta` of what it is told */
  constructor(
    readonly tenant: string,
    private readonly kinds: readonly ChangeKind[],
    private readonly schedule: ChangeSchedule,
    private readonly meta?: object,
  ) {}

  changed(kind: ChangeKind): void {
    if (!this.kinds.includes(kind)) return;
    this.marks |= 1 << CHANGE_KINDS.indexOf(kind);
    this.schedule.mark(this);
  }

  /** @throws Failure `not_found`, `forbidden`; `invalid_params` where it watches too many */
  async watch(caller: Caller, uri: string): Promise<void> {
    const watched = (this.watched ??= new Map());
    if (watched.has(uri)) return;
    if (watched.size >= MOST_WATCHED) throw new Failure('invalid_params', `more than ${MOST_WATCHED} resources are watched`);
    const source = this.schedule.catalog.resourceOwner(caller, uri);
    if (source === undefined) throw Failure.notFound(`resource ${uri}`);
    watched.set(uri, undefined);
    try {
      const stop = await source.watch(caller, uri, () => this.updated(uri));
      // It may have ended, or the client thought better of it, meanwhile.
      if (this.hasEnded || !watched.has(uri)) stop();
      else watched.set(uri, stop);
    } catch (error) {
      watched.delete(uri);
      throw error;
    }
  }

  /** @returns those that it watches now: what cannot be watched is left out */
  async watchAll(caller: Caller, uris: readonly string[]): Promise<string[]> {
    const outcomes = await Promise.allSettled(uris.map((uri) => this.watch(caller, uri)));
    return uris.filter((_, index) => outcomes[index]?.status === 'fulfilled');
  }

  unwatch(uri: string): void {
    this.watched?.get(uri)?.();
    this.watched?.delete(uri);
    this.markedUris?.delete(uri);
  }

  /** From here on it is told there, and first of what it missed. */
  attach(sink: ChangeSink): void {
    this.stopWaiting?.();
    this.stopWaiting = undefined;
    this.sink = sink;
    this.flush();
  }

  detach(sink: ChangeSink): void {
    if (this.sink === sink) this.sink = undefined;
  }

  /** Tells what is marked, as far as the client takes it; the rest once it does. */
  flush(): void {
    const { sink } = this;
    while (sink !== undefined && this.sink === sink && sink.isWritable) {
      const text = this.next();
      if (text === undefined) return;
      sink.send(text);
    }
    if (sink === undefined || this.stopWaiting !== undefined || (this.marks === 0 && !this.markedUris?.size)) return;
    this.stopWaiting = sink.onceDrained(() => {
      this.stopWaiting = undefined;
      this.flush();
    });
  }

  /** Resolves when the server has ended it. @throws the signal's reason, where that is aborted first */
  untilEnded(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => reject(signal.reason as Error);
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) onAbort();
      this.whenEnded = () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      if (this.hasEnded) this.whenEnded();
    });
  }

  end(): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    for (const stop of this.watched?.values() ?? []) stop?.();
    this.watched = undefined;
    this.sink = undefined;
    this.stopWaiting?.();
    this.schedule.forget(this);
    this.whenEnded?.();
  }

  private updated(uri: string): void {
    (this.markedUris ??= new Set()).add(uri);
    this.schedule.mark(this);
  }

  private next(): string | undefined {
    for (const [index, kind] of CHANGE_KINDS.entries()) {
      if ((this.marks & (1 << index)) === 0) continue;
      this.marks &= ~(1 << index);
      return notificationText(`notifications/${kind}/list_changed`, this.meta && { _meta: this.meta });
    }
    for (const uri of this.markedUris ?? []) {
      this.markedUris?.delete(uri);
      return notificationText('notifications/resources/updated', { uri, ...(this.meta && { _meta: this.meta }) });
    }
    return undefined;
  }
}
