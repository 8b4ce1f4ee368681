// Sessions in the embedded database.
import { hash, timingSafeEqual } from 'node:crypto';

import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';

import { Config } from '../config/config.js';
import { Clock } from '../extension/clock.js';
import type { Principal } from '../extension/principal.js';
import { Database } from '../storage/database.js';
import type { SavedSession, SavedSubscriptions, SessionStore } from './session-store.js';
import type { sessionWrites } from './session-writes.js';

type Writes = typeof sessionWrites;

interface Row {
  readonly token_hash: Uint8Array;
  readonly principal_id: string;
  readonly tenant: string;
  readonly subscriptions: string;
  readonly expires_at: number | null;
}

const SWEEP_MS = 60_000;

@Injectable()
export class SqlSessionStore implements SessionStore, OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Sessions');
  private timer: NodeJS.Timeout | undefined;
  /** The last write of each session that is not on disk yet: who looks for the session waits for it. */
  private readonly writing = new Map<string, Promise<unknown>>();

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Config) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.database.write<Writes, 'session.orphan'>('session.orphan', { expiresAt: this.endOfWindow() });
    this.timer = setInterval(() => void this.sweep().catch((error: unknown) => this.logger.warn(error)), SWEEP_MS);
    this.timer.unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  async open(id: string, token: string, principal: Principal, subscriptions: SavedSubscriptions): Promise<void> {
    await this.write(id, 'session.open', {
      id,
      tokenHash: hashOf(token),
      principalId: principal.id,
      tenant: principal.tenant,
      subscriptions: JSON.stringify(subscriptions),
    });
  }

  async save(id: string, subscriptions: SavedSubscriptions): Promise<void> {
    await this.write(id, 'session.save', { id, subscriptions: JSON.stringify(subscriptions) });
  }

  async leave(id: string, token: string, subscriptions: SavedSubscriptions): Promise<void> {
    await this.write(id, 'session.leave', {
      id,
      tokenHash: hashOf(token),
      subscriptions: JSON.stringify(subscriptions),
      expiresAt: this.endOfWindow(),
    });
  }

  async find(id: string, token: string, principal: Principal): Promise<SavedSession | undefined> {
    await this.writing.get(id)?.catch(() => undefined);
    const row = this.database
      .prepare('SELECT token_hash, principal_id, tenant, subscriptions, expires_at FROM session WHERE id = ?')
      .get(id) as Row | undefined;
    if (row === undefined || !this.isGood(row, token, principal)) return undefined;
    return { id, subscriptions: JSON.parse(row.subscriptions) as unknown[] };
  }

  private async write<K extends keyof Writes>(id: string, program: K, args: Parameters<Writes[K]>[1]): Promise<void> {
    const written = this.database.write<Writes, K>(program, args);
    this.writing.set(id, written);
    try {
      await written;
    } finally {
      if (this.writing.get(id) === written) this.writing.delete(id);
    }
  }

  /** Forgets what can no longer be resumed, in bounded steps. */
  async sweep(): Promise<void> {
    while ((await this.database.write<Writes, 'session.sweep'>('session.sweep', { now: this.clock.now() })) > 0);
  }

  private isGood(row: Row, token: string, principal: Principal): boolean {
    const isToken = timingSafeEqual(row.token_hash, hashOf(token));
    const isPrincipal = row.principal_id === principal.id && row.tenant === principal.tenant;
    return isToken && isPrincipal && (row.expires_at === null || row.expires_at > this.clock.now());
  }

  private endOfWindow(): number {
    return this.clock.now() + this.config.sessions.resumeWindowMs;
  }
}

function hashOf(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}
