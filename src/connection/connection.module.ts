// Connections and what is known of them all. How messages are read and answered: protocol/.
import { Module } from '@nestjs/common';

import { ConnectionRegistry } from './connection-registry.js';
import { Draining } from './draining.js';
import { EndedConnections } from './ended-connections.js';
import { KeepAlive } from './keep-alive.js';
import { Readiness } from './readiness.js';
import { TrafficMeter } from './traffic-meter.js';

@Module({
  providers: [ConnectionRegistry, EndedConnections, KeepAlive, TrafficMeter, Draining, { provide: Readiness, useExisting: Draining }],
  exports: [ConnectionRegistry, EndedConnections, TrafficMeter, Draining, Readiness],
})
export class ConnectionModule {}
