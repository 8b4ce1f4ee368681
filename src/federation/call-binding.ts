// Which call a request of the other side is about. MCP's older era does not say it in the message. Over HTTP it comes by the stream of
// its call, which is read in the asynchronous context that the call was made in; over a pipe or a WebSocket everything comes one way,
// and a request is only bound where a single call can have caused it: nobody is shown what another's call is about.
import { AsyncLocalStorage } from 'node:async_hooks';

import { ProtocolError } from '@modelcontextprotocol/client';

import { STREAM_ENDED } from './http-transport.js';

interface BoundCall {
  /** Set where somebody else than this server caused it. */
  readonly asked?: { readonly owner: string } | undefined;
}

/** For so long a call that was given up may still be worked on over there. */
const LINGER_MS = 60_000;

const context = new AsyncLocalStorage<BoundCall | undefined>();

export class CallBinding<Call extends BoundCall> {
  private readonly underWay = new Set<Call>();
  /** Calls that ended lately without an answer: taken back, out of time, or it was never known why. */
  private readonly lingering = new Set<Call>();

  /** What is opened meanwhile, and lasts, belongs to no call. */
  static outside<T>(work: () => T): T {
    return context.run(undefined, work);
  }

  async during<T>(call: Call, work: () => Promise<T>): Promise<T> {
    if (call.asked === undefined) return context.run(undefined, work);
    this.underWay.add(call);
    try {
      return await context.run(call, work);
    } catch (error) {
      if (!isAnswer(error)) this.linger(call);
      throw error;
    } finally {
      this.underWay.delete(call);
    }
  }

  /** The call that whatever runs now is about; undefined where that cannot be told. */
  find(): Call | undefined {
    const bound = context.getStore() as Call | undefined;
    if (bound !== undefined) return this.underWay.has(bound) ? bound : undefined;
    const [only, ...others] = this.underWay;
    if (only === undefined || others.length > 0) return undefined;
    for (const { asked } of this.lingering) if (asked?.owner !== only.asked?.owner) return undefined;
    return only;
  }

  private linger(call: Call): void {
    this.lingering.add(call);
    setTimeout(() => this.lingering.delete(call), LINGER_MS).unref();
  }
}

/** An error that the other side answers with is the end of its work; any other says only that nobody here waits any more. */
const isAnswer = (error: unknown): boolean => error instanceof ProtocolError && error.code !== STREAM_ENDED;
