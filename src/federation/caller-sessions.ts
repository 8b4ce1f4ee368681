// Sessions with an upstream that bear a caller's own token: one for each token, opened at its first call, closed when idle.
import { createHash } from 'node:crypto';

import type { McpPeer } from './mcp-peer.js';

export interface CallerSessionsOptions {
  readonly connect: (token: string, onClosed: () => void, signal: AbortSignal) => Promise<McpPeer>;
  readonly maxSessions: number;
  readonly idleMs: number;
}

interface Session {
  readonly peer: Promise<McpPeer>;
  readonly abort: AbortController;
  users: number;
  timer: NodeJS.Timeout | undefined;
}

export class CallerSessions {
  /** By the token's hash; the one used longest ago comes first. */
  private readonly sessions = new Map<string, Session>();

  constructor(private readonly options: CallerSessionsOptions) {}

  get size(): number {
    return this.sessions.size;
  }

  /** Runs the work on the token's session, which stays open for the next. @throws what connecting or the work throws */
  async use<T>(token: string, work: (peer: McpPeer) => Promise<T>): Promise<T> {
    const key = createHash('sha256').update(token).digest('base64url');
    const session = this.sessions.get(key) ?? this.open(key, token);
    this.sessions.delete(key);
    this.sessions.set(key, session);
    clearTimeout(session.timer);
    session.users++;
    try {
      return await work(await session.peer);
    } finally {
      if (--session.users === 0 && this.sessions.get(key) === session)
        session.timer = setTimeout(() => void this.end(key, session), this.options.idleMs).unref();
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.sessions].map(([key, session]) => this.end(key, session)));
  }

  private open(key: string, token: string): Session {
    this.makeRoom();
    const abort = new AbortController();
    const session: Session = {
      peer: this.options.connect(token, () => this.forget(key, session), abort.signal),
      abort,
      users: 0,
      timer: undefined,
    };
    session.peer.catch(() => this.forget(key, session));
    this.sessions.set(key, session);
    return session;
  }

  private makeRoom(): void {
    if (this.sessions.size < this.options.maxSessions) return;
    const oldest = [...this.sessions].find(([, { users }]) => users === 0) ?? [...this.sessions][0];
    if (oldest !== undefined) void this.end(...oldest);
  }

  private forget(key: string, session: Session): void {
    clearTimeout(session.timer);
    if (this.sessions.get(key) === session) this.sessions.delete(key);
  }

  private async end(key: string, session: Session): Promise<void> {
    this.forget(key, session);
    session.abort.abort(new Error('the session is not used any more'));
    const peer = await session.peer.catch(() => undefined);
    await peer?.close();
  }
}
