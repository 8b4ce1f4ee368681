// `tool.progress` notifications of one streamed call (PROTOCOL.md §5). A peer that reads slowly is told the latest, not all.
import type { Channel } from '../extension/channel.js';
import type { TraceContext } from '../extension/trace-context.js';

interface Progress {
  request_id: string | number;
  progress: number;
  total?: number;
  message?: string;
}

export class ProgressReporter {
  private latest: { readonly params: Progress; readonly trace: TraceContext | undefined } | undefined;
  private stopWaiting: (() => void) | undefined;
  private isOver = false;

  constructor(
    private readonly channel: Channel,
    private readonly requestId: string | number,
  ) {}

  /** Numbers that JSON cannot say are dropped, and all that comes after the answer. */
  report(progress: number, total?: number, message?: string, trace?: TraceContext): void {
    if (this.isOver || !Number.isFinite(progress)) return;
    const params: Progress = { request_id: this.requestId, progress };
    if (total !== undefined && Number.isFinite(total)) params.total = total;
    if (message !== undefined) params.message = message;
    if (this.stopWaiting === undefined && this.channel.isWritable) {
      this.channel.notify('tool.progress', params, trace);
      return;
    }
    this.latest = { params, trace };
    this.stopWaiting ??= this.channel.onceDrained(() => this.drained());
  }

  /** The answer is about to go out: nothing may follow it. */
  end(): void {
    this.isOver = true;
    this.latest = undefined;
    this.stopWaiting?.();
    this.stopWaiting = undefined;
  }

  private drained(): void {
    this.stopWaiting = undefined;
    const { latest } = this;
    this.latest = undefined;
    if (latest !== undefined) this.channel.notify('tool.progress', latest.params, latest.trace);
  }
}
