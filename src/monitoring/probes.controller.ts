// What an orchestrator asks: whether the process lives, and whether it is to be sent traffic.
import { Controller, Get, Inject, Optional } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { HealthCheck, HealthCheckService, HealthIndicatorService, type HealthCheckResult } from '@nestjs/terminus';

import { Readiness } from '../connection/readiness.js';
import { UpstreamHealth } from '../federation/upstream-health.js';
import { StorageCheck } from './storage.check.js';

@ApiTags('probes')
@Controller('health')
export class ProbesController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly storage: StorageCheck,
    @Inject(Readiness) private readonly readiness: Readiness,
    @Optional() private readonly upstreams?: UpstreamHealth,
  ) {}

  /** The event loop turns: that is all that a restart could mend. */
  @Get('live')
  @HealthCheck()
  live(): Promise<HealthCheckResult> {
    return this.health.check([]);
  }

  @Get('ready')
  @HealthCheck()
  ready(): Promise<HealthCheckResult> {
    return this.health.check([() => this.accepts(), () => this.stores(), ...this.reaches()]);
  }

  private accepts() {
    const indicator = this.indicators.check('server');
    return this.readiness.isReady() ? indicator.up() : indicator.down(this.readiness.reason ?? 'not ready');
  }

  private async stores() {
    const indicator = this.indicators.check('storage');
    return (await this.storage.answers()) ? indicator.up() : indicator.down('the database does not answer');
  }

  /** The MCP servers of the file. One that is not required says how it fares, and is no reason to send traffic elsewhere. */
  private reaches() {
    return (this.upstreams?.read() ?? []).map(({ name, isReady, details }) => () => {
      const indicator = this.indicators.check(name);
      return isReady ? indicator.up(details) : indicator.down(details);
    });
  }
}
