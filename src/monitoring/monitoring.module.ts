// Health, statistics, metrics and the API's description.
import { Module, type DynamicModule } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';

import { AuthModule } from '../auth/auth.module.js';
import { ConnectionModule } from '../connection/connection.module.js';
import { ConnectionsCheck } from './connections.check.js';
import { EventLoopDelay } from './event-loop-delay.js';
import { HEALTH_CHECKS, type HealthCheck } from './health-check.js';
import { MetricsController } from './metrics.controller.js';
import { ProbesController } from './probes.controller.js';
import { ErrorRateCheck } from './error-rate.check.js';
import { ServerHealth } from './server-health.js';
import { ServerStats } from './server-stats.js';
import { StatusController } from './status.controller.js';
import { StorageCheck } from './storage.check.js';
import { TrafficMetrics } from './traffic-metrics.js';

const prometheus: DynamicModule = {
  ...PrometheusModule.register({ path: 'api/v1/websocket/metrics', controller: MetricsController }),
  // What the controller's guards need.
  imports: [AuthModule],
};

/** Expects `Config` and `Database` of global modules. */
@Module({
  // A probe that fails is answered, not logged: whoever asked every few seconds knows.
  imports: [AuthModule, ConnectionModule, TerminusModule.forRoot({ logger: false }), prometheus],
  controllers: [StatusController, ProbesController],
  providers: [
    ConnectionsCheck,
    ErrorRateCheck,
    StorageCheck,
    {
      provide: HEALTH_CHECKS,
      useFactory: (...checks: HealthCheck[]) => checks,
      inject: [ConnectionsCheck, ErrorRateCheck, StorageCheck],
    },
    ServerHealth,
    EventLoopDelay,
    ServerStats,
    TrafficMetrics,
  ],
})
export class MonitoringModule {}
