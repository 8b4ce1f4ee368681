// Retention of the event log, by age and by count for each tenant. What it deletes is remembered, so that a subscriber that
// needs it is told of a gap (PROTOCOL.md §5). Looks on the thread for long reads and deletes in small steps between others' writes.
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';

import { Config } from '../config/config.js';
import { Clock } from '../extension/clock.js';
import { Database } from '../storage/database.js';
import type { eventWrites } from './event-writes.js';

/** Events deleted in one transaction. */
const STEP = 500;

const TENANTS = 'SELECT DISTINCT tenant FROM event_log';
/** The newest that is one too many. */
const TOO_MANY = 'SELECT seq FROM event_log WHERE tenant = ? ORDER BY seq DESC LIMIT 1 OFFSET ?';
/** The last of the oldest that are all past their time: the one before the first that is not. */
const TOO_OLD = `
  SELECT max(seq) AS seq FROM event_log WHERE tenant = ?1
  AND seq < coalesce((SELECT min(seq) FROM event_log WHERE tenant = ?1 AND at >= ?2), 9007199254740991)`;

@Injectable()
export class EventSweeper implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Events');
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Config) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.wait();
  }

  onModuleDestroy(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  /** Deletes what is past its time or too many. */
  async sweep(): Promise<void> {
    const { retentionMs, retentionCount } = this.config.events;
    for (const { tenant } of await this.database.query<{ tenant: string }>(TENANTS, [])) {
      const tooMany = await this.boundary(TOO_MANY, [tenant, retentionCount]);
      const tooOld = await this.boundary(TOO_OLD, [tenant, this.clock.now() - retentionMs]);
      await this.purge(tenant, Math.max(tooMany, tooOld));
    }
  }

  private async boundary(sql: string, params: (string | number)[]): Promise<number> {
    const [row] = await this.database.query<{ seq: number | null }>(sql, params);
    return row?.seq ?? 0;
  }

  private async purge(tenant: string, throughSeq: number): Promise<void> {
    if (throughSeq === 0) return;
    let isMore = true;
    while (isMore && !this.isStopped) {
      isMore = await this.database.write<typeof eventWrites, 'event.purge'>('event.purge', { tenant, throughSeq, limit: STEP });
    }
  }

  private wait(): void {
    if (this.isStopped) return;
    this.timer = setTimeout(() => {
      this.sweep()
        .catch((error: unknown) => this.logger.warn({ msg: 'events past their time were not deleted; the next sweep will', err: error }))
        .finally(() => this.wait());
    }, this.config.events.sweepIntervalMs).unref();
  }
}
