// Forgets recorded answers that have outlived their window, from time to time. Nobody has to wait for it: the service looks
// at their age itself.
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';

import { Config } from '../config/config.js';
import { Clock } from '../extension/clock.js';
import { Database } from '../storage/database.js';
import { PeriodicSweep } from '../storage/periodic-sweep.js';
import type { idempotencyWrites } from './idempotency-writes.js';

const INTERVAL_MS = 60_000;
const STEP = 500;

@Injectable()
export class IdempotencySweeper implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Idempotency');
  private readonly sweeps: PeriodicSweep;

  constructor(@Inject(Database) db: Database, @Inject(Clock) clock: Clock, @Inject(Config) config: Config) {
    this.sweeps = new PeriodicSweep({
      step: () => {
        const before = clock.now() - config.sessions.idempotencyWindowMs;
        return db.write<typeof idempotencyWrites, 'idempotency.purge'>('idempotency.purge', { before, limit: STEP });
      },
      intervalMs: INTERVAL_MS,
      onError: (error) => this.logger.warn({ msg: 'old answers were not removed; the next sweep will', err: error }),
    });
  }

  onApplicationBootstrap(): void {
    this.sweeps.start();
  }

  onModuleDestroy(): void {
    this.sweeps.stop();
  }
}
