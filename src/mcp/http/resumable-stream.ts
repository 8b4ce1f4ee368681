// A stream of a session, of the older era, that a client may lose and come back to (`Last-Event-ID`). The newest events are kept,
// within limits, as long as they may be asked for.
import type { SseStream } from './sse-stream.js';

interface KeptEvent {
  readonly number: number;
  readonly text: string;
}

const KEPT_EVENTS = 100;
const KEPT_CHARACTERS = 262_144;
/** When to come back. */
const RETRY_MS = 1_000;

export class ResumableStream {
  /** Since when it has said all, by the clock in milliseconds. */
  completedAt: number | undefined;
  private last = 0;
  private kept: KeptEvent[] = [];
  private characters = 0;
  private out: SseStream | undefined;

  /** @param id unique in its session, without a full stop */
  constructor(
    readonly id: string,
    /** Whether a stream begins with an event that says no more than its id. */
    private readonly isPrimed: boolean,
  ) {}

  /** Whether a client listens now. */
  get isAttached(): boolean {
    return this.out?.isOpen === true;
  }

  get isWritable(): boolean {
    return this.out?.isWritable ?? true;
  }

  send(text: string): void {
    const number = ++this.last;
    this.kept.push({ number, text });
    this.characters += text.length;
    while (this.kept.length > KEPT_EVENTS || (this.characters > KEPT_CHARACTERS && this.kept.length > 1)) {
      this.characters -= (this.kept.shift() as KeptEvent).text.length;
    }
    this.out?.event(text, this.idOf(number));
  }

  /** Writes to the stream from here on; one that it wrote to before is ended. */
  attach(out: SseStream): void {
    this.out?.end();
    this.out = out;
    if (this.isPrimed) out.event('', this.idOf(this.last), RETRY_MS);
  }

  /** @returns false where what came after the event is not kept any more */
  resume(out: SseStream, after: number): boolean {
    if (!this.canResume(after)) return false;
    this.out?.end();
    this.out = out;
    for (const { number, text } of this.kept) if (number > after) out.event(text, this.idOf(number));
    if (this.completedAt !== undefined) out.end();
    return true;
  }

  canResume(after: number): boolean {
    return after <= this.last && after >= (this.kept[0]?.number ?? this.last + 1) - 1;
  }

  detach(out: SseStream): void {
    if (this.out === out) this.out = undefined;
  }

  onceDrained(listener: () => void): () => void {
    if (this.out === undefined) {
      queueMicrotask(listener);
      return () => undefined;
    }
    return this.out.onceDrained(listener);
  }

  /** It has said all. */
  complete(now: number): void {
    this.completedAt = now;
    this.out?.end();
  }

  cut(): void {
    this.out?.end();
    this.out = undefined;
    this.kept = [];
  }

  private idOf(number: number): string {
    return `${this.id}.${number}`;
  }
}
