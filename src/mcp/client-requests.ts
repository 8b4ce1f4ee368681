// Requests to a client of the older era that wait for its answer.
import { PeerRequests } from '../connection/peer-requests.js';
import { notificationText, requestText, type RpcError, type RpcId } from './json-rpc.js';
import type { Failure } from '../extension/failure.js';

export interface AskOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

export class ClientRequests {
  private last = 0;
  private readonly waiting = new PeerRequests();

  /** @param send the way to the client. Rejects with a `Failure` */
  ask(send: (text: string) => unknown, method: string, params: object, options: AskOptions): Promise<unknown> {
    const id = ++this.last;
    const cancel = (): unknown =>
      send(notificationText('notifications/cancelled', { requestId: id, reason: 'its answer is no longer awaited' }));
    const answer = this.waiting.add(String(id), options, cancel);
    send(requestText(id, method, params));
    return answer;
  }

  /** Answers to what nobody asked, or no longer waits for, are dropped. */
  settle(id: RpcId | undefined, outcome: { readonly result: unknown } | { readonly error: RpcError }): void {
    if (id !== undefined) this.waiting.settle(String(id), outcome);
  }

  rejectAll(failure: Failure): void {
    this.waiting.rejectAll(failure);
  }
}
