// One open stream of server-sent events. What is written and not yet taken is counted: who reads too slowly is not waited for
// forever, and never costs more than the limit.
import type { ServerResponse } from 'node:http';

import type { Credential } from '../../connection/connection.js';

export interface StreamLimits {
  /** Unsent bytes from which it is not writable. */
  readonly highWaterBytes: number;
  /** Unsent bytes past which it is cut off. */
  readonly maxBytes: number;
}

export class SseStream {
  private drainListeners: Set<() => void> | undefined;
  private lastWriteAt: number;
  private stalledSince: number | undefined;

  /**
   * @param credential what it was opened with: it goes when that does
   * @param headers beside those of every stream
   */
  constructor(
    private readonly response: ServerResponse,
    readonly credential: Credential,
    private readonly limits: StreamLimits,
    headers: Readonly<Record<string, string>>,
    now: number,
  ) {
    this.lastWriteAt = now;
    response.writeHead(200, {
      ...headers,
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store, no-transform',
      'X-Accel-Buffering': 'no',
    });
    response.flushHeaders();
    response.on('drain', () => this.drained());
  }

  get isOpen(): boolean {
    return !this.response.writableEnded && !this.response.destroyed;
  }

  get isWritable(): boolean {
    return this.isOpen && this.response.writableLength < this.limits.highWaterBytes;
  }

  /** @param text JSON, so without line breaks; empty: nothing but the id */
  event(text: string, id?: string, retryMs?: number): void {
    const head = id === undefined ? '' : `id: ${id}\n`;
    const retry = retryMs === undefined ? '' : `retry: ${retryMs}\n`;
    this.write(`${head}${retry}data: ${text}\n\n`);
  }

  /** Once a while, so that nobody on the way takes the silence for an end. */
  keepAlive(now: number, intervalMs: number): void {
    if (this.isOpen && now - this.lastWriteAt >= intervalMs && this.response.writableLength === 0) {
      this.lastWriteAt = now;
      this.response.write(':\n\n');
    }
  }

  /** Milliseconds for which what waits has waited; 0 where nothing does. */
  stalledMs(now: number): number {
    if (this.response.writableLength === 0) this.stalledSince = undefined;
    else this.stalledSince ??= now;
    return this.stalledSince === undefined ? 0 : now - this.stalledSince;
  }

  onceDrained(listener: () => void): () => void {
    if (this.isWritable) {
      queueMicrotask(listener);
      return () => undefined;
    }
    const listeners = (this.drainListeners ??= new Set());
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  onceClosed(listener: () => void): () => void {
    this.response.once('close', listener);
    return () => this.response.off('close', listener);
  }

  end(): void {
    if (this.isOpen) this.response.end();
  }

  /** Without waiting for what is not sent. */
  cut(): void {
    this.response.destroy();
  }

  private write(text: string): void {
    if (!this.isOpen) return;
    this.response.write(text);
    if (this.response.writableLength > this.limits.maxBytes) this.cut();
  }

  private drained(): void {
    this.stalledSince = undefined;
    const listeners = this.drainListeners;
    this.drainListeners = undefined;
    for (const listener of listeners ?? []) listener();
  }
}
