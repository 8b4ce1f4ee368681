// The server's health: every check's reading, and the worst of them.
import { Inject, Injectable } from '@nestjs/common';

import { HEALTH_CHECKS, type HealthCheck, type HealthReading, type HealthStatus } from './health-check.js';

const FROM_BEST: readonly HealthStatus[] = ['healthy', 'degraded', 'unhealthy'];

/** The guide's "Health Checks" answer. */
export interface HealthReport {
  readonly status: HealthStatus;
  readonly checks: Readonly<Record<string, HealthReading>>;
}

@Injectable()
export class ServerHealth {
  constructor(@Inject(HEALTH_CHECKS) private readonly checks: readonly HealthCheck[]) {}

  async report(): Promise<HealthReport> {
    const readings = await Promise.all(this.checks.map(async (check) => ({ check, reading: await check.read() })));
    const worst = Math.max(0, ...readings.map(({ reading }) => FROM_BEST.indexOf(reading.status)));
    const told = readings.filter(({ check, reading }) => check.isSilentWhileHealthy !== true || reading.status !== 'healthy');
    return {
      status: FROM_BEST[worst] as HealthStatus,
      checks: Object.fromEntries(told.map(({ check, reading }) => [check.name, reading])),
    };
  }
}
