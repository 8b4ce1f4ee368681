// Removes expired contexts and what changes left behind, from time to time. Nobody has to wait for it: reads look at the
// time, and at the marks, themselves.
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';

import { Config } from '../config/config.js';
import { PeriodicSweep } from '../storage/periodic-sweep.js';
import { ContextStore } from './context-store.js';

@Injectable()
export class ContextSweeper implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Contexts');
  private readonly sweeps: PeriodicSweep;

  constructor(@Inject(ContextStore) store: ContextStore, @Inject(Config) config: Config) {
    this.sweeps = new PeriodicSweep({
      step: () => store.sweep(),
      intervalMs: config.contexts.sweepIntervalMs,
      onError: (error) => this.logger.warn({ msg: 'expired contexts were not removed; the next sweep will', err: error }),
    });
  }

  onApplicationBootstrap(): void {
    this.sweeps.start();
  }

  onModuleDestroy(): void {
    this.sweeps.stop();
  }
}
