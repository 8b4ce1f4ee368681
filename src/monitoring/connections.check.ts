// Whether there is room for more connections.
import { Inject, Injectable } from '@nestjs/common';

import { Config } from '../config/config.js';
import { ConnectionRegistry } from '../connection/connection-registry.js';
import { Readiness } from '../connection/readiness.js';
import { statusOf, type HealthCheck, type HealthReading } from './health-check.js';

const DEGRADED_AT = 0.9;
const FULL = 1;

@Injectable()
export class ConnectionsCheck implements HealthCheck {
  readonly name = 'connections';

  constructor(
    private readonly connections: ConnectionRegistry,
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(Config) private readonly config: Config,
  ) {}

  /**
   * Degraded from 90 % on; unhealthy when the next connection would be refused: full or draining. Where there are to be none (`enabled:
   * false`) that is as it should be, and `disabled` says so.
   */
  read(): HealthReading {
    const active = this.connections.size;
    const { enabled, maxConnections: max } = this.config.websocket;
    const utilization = active / max;
    const status = this.readiness.isReady() ? statusOf(utilization, DEGRADED_AT, FULL) : 'unhealthy';
    return { status, active, max, utilization, ...(enabled ? {} : { disabled: true }) };
  }
}
