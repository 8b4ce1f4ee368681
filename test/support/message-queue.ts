// Messages in order of arrival, taken when a test asks: first come those that are there, then those that come in time.
import { within } from './deadline.js';
import type { Received } from './message.js';

interface Waiting {
  readonly wants: (message: Received) => boolean;
  readonly resolve: (message: Received) => void;
  readonly reject: (error: Error) => void;
}

export class MessageQueue {
  private readonly messages: Received[] = [];
  private readonly waiting: Waiting[] = [];
  private ended: string | undefined;

  put(message: Received): void {
    const index = this.waiting.findIndex(({ wants }) => wants(message));
    if (index < 0) this.messages.push(message);
    else this.waiting.splice(index, 1)[0]?.resolve(message);
  }

  async take(what: string, wants: (message: Received) => boolean, timeoutMs?: number): Promise<Received> {
    const index = this.messages.findIndex(wants);
    if (index >= 0) return this.messages.splice(index, 1)[0] as Received;
    if (this.ended !== undefined) throw new Error(`no ${what}: ${this.ended}`);
    let entry: Waiting | undefined;
    const promise = new Promise<Received>((resolve, reject) => this.waiting.push((entry = { wants, resolve, reject })));
    return within(what, promise, timeoutMs).finally(() => {
      const at = this.waiting.indexOf(entry as Waiting);
      if (at >= 0) this.waiting.splice(at, 1);
    });
  }

  end(reason: string): void {
    this.ended = reason;
    for (const { reject } of this.waiting.splice(0)) reject(new Error(reason));
  }
}
