// Keeps one session with an upstream alive: connects, sees that it still answers, and comes back with growing pauses.
import type { Clock } from '../extension/clock.js';
import { Backoff } from './backoff.js';
import type { McpPeer } from './mcp-peer.js';

/** Waiting is the pause between two attempts. */
export type LinkState = 'connecting' | 'connected' | 'waiting' | 'closed';

export interface LinkOptions {
  /**
   * @param onClosed to be called once when the session, which was returned, has ended
   * @param signal aborted: nobody waits for the session any more
   */
  readonly connect: (onClosed: () => void, signal: AbortSignal) => Promise<McpPeer>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onConnected: (peer: McpPeer) => void;
  /** Called when an attempt failed, or the session ended. */
  readonly onDown: (error: unknown) => void;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;
/** A session that lived as long starts the pauses over. */
const STABLE_MS = 10_000;
const PING_INTERVAL_MS = 30_000;
const PING_TIMEOUT_MS = 10_000;

export class UpstreamLink {
  state: LinkState = 'closed';
  peer: McpPeer | undefined;
  /** Times that it was connected. */
  connects = 0;
  private readonly backoff: Backoff;
  private timer: NodeJS.Timeout | undefined;
  private nextAttemptAt = 0;
  private connectedAt = 0;
  private isPinging = false;
  private attempting: { readonly abort: AbortController; readonly done: Promise<void> } | undefined;

  constructor(private readonly options: LinkOptions) {
    this.backoff = new Backoff({ firstMs: FIRST_PAUSE_MS, maxMs: LONGEST_PAUSE_MS, random: options.random });
  }

  /** Resolves when the first attempt has ended, well or not. */
  async start(): Promise<void> {
    if (this.state === 'closed') await this.attempt();
  }

  /** Milliseconds until the next attempt at least; 0 while one is under way. */
  retryAfterMs(): number {
    return this.state === 'waiting' ? Math.max(0, this.nextAttemptAt - this.options.clock.now()) : 0;
  }

  /** The session is of no use any more, although it has not ended. */
  async drop(peer: McpPeer, why: Error): Promise<void> {
    if (this.peer !== peer) return;
    this.down(why);
    await peer.close();
  }

  /** Calls on the session fail: it is looked now, not at the next ping, whether anybody answers. */
  async suspect(peer: McpPeer): Promise<void> {
    if (this.peer !== peer || this.isPinging) return;
    clearTimeout(this.timer);
    await this.ping(peer);
  }

  /** Tries at once instead of after the pause. */
  async hurry(): Promise<void> {
    if (this.state !== 'waiting') return;
    this.backoff.reset();
    await this.attempt();
  }

  /** Resolves when nothing of it is left. */
  async stop(): Promise<void> {
    this.state = 'closed';
    clearTimeout(this.timer);
    this.attempting?.abort.abort(new Error('stopped'));
    await this.attempting?.done;
    const { peer } = this;
    this.peer = undefined;
    await peer?.close();
  }

  private attempt(): Promise<void> {
    clearTimeout(this.timer);
    this.state = 'connecting';
    const abort = new AbortController();
    const done = this.connect(abort.signal);
    this.attempting = { abort, done };
    return done;
  }

  private async connect(signal: AbortSignal): Promise<void> {
    let session: McpPeer | undefined;
    let hasEnded = false;
    const onClosed = (): void => {
      hasEnded = true;
      if (session !== undefined && this.peer === session) this.down(new Error('the session ended'));
    };
    try {
      session = await this.options.connect(onClosed, signal);
      if (signal.aborted) await session.close();
      else if (hasEnded) throw new Error('the session ended at once');
      else this.up(session);
    } catch (error) {
      if (!signal.aborted) this.down(error);
    } finally {
      if (this.attempting?.abort.signal === signal) this.attempting = undefined;
    }
  }

  private up(peer: McpPeer): void {
    this.state = 'connected';
    this.peer = peer;
    this.connects++;
    this.connectedAt = this.options.clock.now();
    this.timer = setTimeout(() => void this.ping(peer), PING_INTERVAL_MS).unref();
    this.options.onConnected(peer);
  }

  private down(error: unknown): void {
    clearTimeout(this.timer);
    if (this.peer !== undefined && this.options.clock.now() - this.connectedAt >= STABLE_MS) this.backoff.reset();
    this.peer = undefined;
    this.state = 'waiting';
    const pauseMs = this.backoff.next();
    this.nextAttemptAt = this.options.clock.now() + pauseMs;
    this.timer = setTimeout(() => void this.attempt(), pauseMs).unref();
    this.options.onDown(error);
  }

  private async ping(peer: McpPeer): Promise<void> {
    this.isPinging = true;
    try {
      await peer.ping(PING_TIMEOUT_MS);
    } catch {
      await this.drop(peer, new Error('it does not answer'));
    } finally {
      this.isPinging = false;
    }
    if (this.peer === peer) this.timer = setTimeout(() => void this.ping(peer), PING_INTERVAL_MS).unref();
  }
}
