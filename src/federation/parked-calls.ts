// Calls that wait at their upstreams until their callers come back with answers. In memory: they end with this server, and each after
// a time. Who may come back for one is not asked here: what names it is sealed for one principal and one call (mcp/request-state.ts).
import { randomBytes } from 'node:crypto';

import { Failure } from '../extension/failure.js';
import type { Principal } from '../extension/principal.js';
import { NoOutcome } from '../tools/tool-source.js';
import { LiveCall, ownerOf, type LiveCaller, type Parking, type UpstreamCaller } from './live-call.js';

interface Parked {
  readonly call: LiveCall;
  readonly owner: string;
  readonly timer: NodeJS.Timeout;
}

/** What a caller is given to remember. */
interface Ticket {
  readonly parked: string;
}

const MOST = 1_000;
const MOST_OF_ONE = 32;
const ID_BYTES = 16;
/** Beyond the time that the client has for its answer: who answers at the last moment finds the call. */
const GRACE_MS = 5_000;

export class ParkedCalls {
  private readonly parked = new Map<string, Parked>();

  /** @param answerMs how long a client may take to answer */
  constructor(private readonly answerMs: number) {}

  get size(): number {
    return this.parked.size;
  }

  /**
   * Runs a call, or goes on with the one that the caller has come back for.
   * @param work what is done with the upstream, for a caller that can be asked where its client can
   * @throws InputRequired where the upstream asks for something; what the work throws
   * @throws NoOutcome `unavailable` where what the caller comes back for is not there any more
   */
  async run<T>(caller: UpstreamCaller, idleTimeoutMs: number, work: (caller: LiveCaller) => Promise<T>): Promise<T> {
    const known = this.take(caller.client?.state);
    if (known === undefined && !canBeAsked(caller)) return work(caller);
    const call = known ?? new LiveCall(idleTimeoutMs).begin(caller, work);
    return call.goOn(caller, () => this.park(call, caller.principal)) as Promise<T>;
  }

  private park(call: LiveCall, principal: Principal): Parking {
    const owner = ownerOf(principal);
    const own = [...this.parked.values()].filter((other) => other.owner === owner).length;
    if (own >= MOST_OF_ONE || this.parked.size >= MOST) throw new NoOutcome(new Failure('unavailable', 'too many calls wait for answers'));
    const id = randomBytes(ID_BYTES).toString('base64url');
    const timer = setTimeout(() => {
      this.parked.delete(id);
      call.giveUp(new Failure('timed_out', 'the client did not answer in time'));
    }, this.answerMs + GRACE_MS).unref();
    this.parked.set(id, { call, owner, timer });
    const ticket: Ticket = { parked: id };
    return { ticket, release: () => void this.remove(id) };
  }

  private take(state: unknown): LiveCall | undefined {
    const id = (state as Partial<Ticket> | null | undefined)?.parked;
    if (id === undefined) return undefined;
    const call = this.remove(id);
    if (call === undefined) throw new NoOutcome(new Failure('unavailable', 'the call that asked is over: call again'));
    return call;
  }

  private remove(id: string): LiveCall | undefined {
    const found = this.parked.get(id);
    this.parked.delete(id);
    clearTimeout(found?.timer);
    return found?.call;
  }
}

/** Whether an upstream that asks during the call has a chance of an answer. */
function canBeAsked({ client }: UpstreamCaller): boolean {
  const { sampling, elicitation } = client?.capabilities ?? {};
  return (typeof sampling === 'object' && sampling !== null) || (typeof elicitation === 'object' && elicitation !== null);
}
