// What a feature sees as the connection of an MCP call: a way to tell how far the call is. No requests go to an MCP client by it,
// for it offers no tools, and no events, for it has other means to ask for changes.
import type { Channel, PeerRequestOptions, SharedNotification, SharedNotifications } from '../extension/channel.js';
import { Failure } from '../extension/failure.js';
import type { TraceContext } from '../extension/trace-context.js';
import type { CallLink } from './call-link.js';
import { notificationText } from './json-rpc.js';

export type ProgressToken = string | number;

interface Progress {
  readonly progress: number;
  readonly total?: number;
  readonly message?: string;
}

export class CallChannel implements Channel {
  private latest = -Infinity;

  constructor(
    readonly id: string,
    private readonly link: CallLink,
    private readonly progressToken: ProgressToken | undefined,
  ) {}

  get isOpen(): boolean {
    return this.link.isOpen;
  }

  get isWritable(): boolean {
    return this.link.isWritable;
  }

  /** Progress only goes up, as MCP has it: what does not is not told. */
  notify(method: string, params: object, _meta?: TraceContext): void {
    if (method !== 'tool.progress' || this.progressToken === undefined) return;
    const { progress, total, message } = params as Progress;
    if (progress <= this.latest) return;
    this.latest = progress;
    this.link.send(notificationText('notifications/progress', { progressToken: this.progressToken, progress, total, message, _meta }));
  }

  forward(_shared: SharedNotification, _subscriptionId: string): void {}

  forwardAll(_shared: SharedNotifications, _subscriptionId: string): void {}

  request(_method: string, _params: object, _options?: PeerRequestOptions): Promise<unknown> {
    return Promise.reject(new Failure('unavailable', 'an MCP client offers no methods of this server'));
  }

  onceDrained(listener: () => void): () => void {
    return this.link.onceDrained(listener);
  }

  onceClosed(listener: () => void): () => void {
    return this.link.onceClosed(listener);
  }
}
