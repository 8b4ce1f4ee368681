// The numbers of `GET /api/v1/websocket/stats`, for people who look after the server.
import { ErrorCode } from '@mcpw/protocol';
import { Inject, Injectable } from '@nestjs/common';

import { Config } from '../config/config.js';
import { ConnectionRegistry } from '../connection/connection-registry.js';
import { STATE_NAMES } from '../connection/connection-state.js';
import { TrafficMeter, type TrafficSnapshot } from '../connection/traffic-meter.js';
import { EventLoopDelay } from './event-loop-delay.js';
import { summarize } from './latency-summary.js';

@Injectable()
export class ServerStats {
  constructor(
    private readonly meter: TrafficMeter,
    private readonly connections: ConnectionRegistry,
    private readonly eventLoop: EventLoopDelay,
    @Inject(Config) private readonly config: Config,
  ) {}

  report() {
    const traffic = this.meter.snapshot();
    return {
      uptime_seconds: Math.floor(process.uptime()),
      connections: this.connectionNumbers(traffic),
      messages: {
        received: traffic.messages.received,
        sent: traffic.messages.sent,
        received_bytes: traffic.messages.receivedBytes,
        sent_bytes: traffic.messages.sentBytes,
        handled: traffic.messages.handled,
      },
      errors: errorNumbers(traffic),
      rate_limit: { refused: traffic.rateRefusals },
      methods: Object.fromEntries(traffic.latency.map((latency) => [latency.method, summarize(latency)])),
      event_loop: this.eventLoop.read(),
      memory: memoryNumbers(),
    };
  }

  private connectionNumbers({ connections }: TrafficSnapshot) {
    const counts = this.connections.countByState();
    return {
      total: connections.opened,
      active: this.connections.size,
      max: this.config.websocket.maxConnections,
      by_state: Object.fromEntries(STATE_NAMES.map((name, state) => [name, counts[state] ?? 0])),
      closed: Object.fromEntries(Object.entries(connections.closed).filter(([, count]) => count > 0)),
    };
  }
}

function errorNumbers({ errors }: TrafficSnapshot) {
  const counted = Object.entries(ErrorCode)
    .map(([name, code]) => [String(code), errors[name.toLowerCase() as keyof typeof errors]] as const)
    .filter(([, count]) => count > 0);
  return { total: counted.reduce((sum, [, count]) => sum + count, 0), by_code: Object.fromEntries(counted) };
}

function memoryNumbers() {
  const { rss, heapUsed, heapTotal, external, arrayBuffers } = process.memoryUsage();
  return {
    rss_bytes: rss,
    heap_used_bytes: heapUsed,
    heap_total_bytes: heapTotal,
    external_bytes: external,
    array_buffers_bytes: arrayBuffers,
  };
}
