// Connections and what is known of them all. How messages are read and answered: protocol/.
import { Module } from '@nestjs/common';

import { ConnectionRegistry } from './connection-registry.js';
import { Draining } from './draining.js';
import { KeepAlive } from './keep-alive.js';
import { Readiness } from './readiness.js';
import { TrafficMeter } from './traffic-meter.js';

@Module({
  providers: [ConnectionRegistry, KeepAlive, TrafficMeter, Draining, { provide: Readiness, useExisting: Draining }],
  exports: [ConnectionRegistry, TrafficMeter, Draining, Readiness],
})
export class ConnectionModule {}
