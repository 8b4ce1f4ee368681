// Keeps one connection after the other: opens the first, waits and comes back when one ends, resumes the session, and stops
// where coming back makes no sense. What the connection is used for is not its business.
import type { ConnectionParts, Resume } from './connection.js';
import { Connection } from './connection.js';
import type { Ending } from './ending.js';
import { ClientClosedError } from './errors.js';
import type { Incoming } from './incoming.js';
import type { InitializeResult } from './method-map.js';
import { errorOf, ReconnectPolicy } from './reconnect-policy.js';

export type ClientState = 'connecting' | 'open' | 'reconnecting' | 'closed';

const MOVES: Readonly<Record<ClientState, readonly ClientState[]>> = {
  connecting: ['open', 'connecting', 'closed'],
  open: ['reconnecting', 'closed'],
  reconnecting: ['open', 'reconnecting', 'closed'],
  closed: [],
};

export interface StateChange {
  readonly state: ClientState;
  /** Why the connection ended, or could not be had. */
  readonly error?: Error;
  /** When the next attempt is made. */
  readonly retryInMs?: number;
}

export interface LifelineEvents {
  opened(connection: Connection, session: InitializeResult): void;
  message(message: Incoming): void;
  activity(): void;
  /** The connection ended and another is on its way. */
  lost(error: Error): void;
  /** There is none and there will be none. */
  stopped(error: Error): void;
  changed(change: StateChange): void;
  /** The newest cursors, by subscription. */
  cursors(): Readonly<Record<string, string>>;
}

/** How long a peer may take to answer our close. */
const CLOSE_MS = 2_000;

export class Lifeline {
  state: ClientState = 'connecting';
  /** Why there is no connection any more, once there will be none. */
  stoppedBy: Error | undefined;
  readonly policy: ReconnectPolicy;
  private connection: Connection | undefined;
  private session: { readonly session_id: string; readonly resume_token: string } | undefined;
  private stopTimer: () => void = () => undefined;
  private whenEnded: (() => void)[] = [];

  constructor(
    private readonly parts: ConnectionParts,
    private readonly events: LifelineEvents,
  ) {
    this.policy = new ReconnectPolicy(parts.settings.reconnect, parts.credentials.isRenewable, parts.platform);
  }

  /** Makes the first attempt. */
  start(): void {
    this.events.changed({ state: this.state });
    this.attempt();
  }

  /** Ends in good form. Resolves when the socket is closed, or did not close in time. */
  close(): Promise<void> {
    this.stop(new ClientClosedError());
    const { connection } = this;
    if (connection === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      if (this.whenEnded.push(resolve) > 1) return;
      this.stopTimer = this.parts.platform.clock.after(CLOSE_MS, () => connection.abandon('the server did not answer the close'));
      connection.close();
    });
  }

  private attempt(): void {
    let isCurrent = true;
    this.connection = new Connection(this.parts, this.resume(), {
      opened: (connection, session) => this.opened(connection, session),
      message: (message) => this.events.message(message),
      activity: () => this.events.activity(),
      ended: (ending) => {
        if (isCurrent) this.ended(ending);
        isCurrent = false;
      },
    });
  }

  private resume(): Resume | undefined {
    return this.session && { ...this.session, cursors: { ...this.events.cursors() } };
  }

  private opened(connection: Connection, session: InitializeResult): void {
    if (this.state === 'closed') return connection.close();
    this.policy.opened();
    this.session = { session_id: session.session_id, resume_token: session.resume_token };
    this.move('open');
    this.events.opened(connection, session);
    this.events.changed({ state: 'open' });
  }

  private ended(ending: Ending): void {
    this.stopTimer();
    this.connection = undefined;
    if (this.state === 'closed') {
      for (const resolve of this.whenEnded.splice(0)) resolve();
      return;
    }
    const verdict = this.policy.judge(ending);
    if ('stop' in verdict) return this.stop(verdict.stop);
    const error = errorOf(ending);
    const wasOpen = this.state === 'open';
    this.move(this.state === 'connecting' ? 'connecting' : 'reconnecting');
    this.stopTimer = this.parts.platform.clock.after(verdict.retryInMs, () => this.attempt());
    if (wasOpen) this.events.lost(error);
    this.events.changed({ state: this.state, error, retryInMs: verdict.retryInMs });
  }

  private stop(error: Error): void {
    if (this.state === 'closed') return;
    this.stopTimer();
    this.move('closed');
    this.stoppedBy = error;
    this.events.stopped(error);
    this.events.changed(error instanceof ClientClosedError ? { state: 'closed' } : { state: 'closed', error });
  }

  private move(to: ClientState): void {
    if (!MOVES[this.state].includes(to)) throw new Error(`no move from ${this.state} to ${to}`);
    this.state = to;
  }
}
