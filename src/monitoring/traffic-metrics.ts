// The guide's six metrics and a few beside them, read from the meter when they are scraped.
// Labels hold names from the protocol and from the server's own modules, never what a client sent.
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';

import { TrafficMeter, type TrafficSnapshot } from '../connection/traffic-meter.js';
import { latencySeries } from './latency-series.js';
import { ScrapedMetric, type Series } from '../extension/scraped-metric.js';

const LATENCY = 'websocket_message_latency';

@Injectable()
export class TrafficMetrics implements OnModuleInit, OnModuleDestroy {
  private readonly metrics: readonly ScrapedMetric[];

  constructor(meter: TrafficMeter) {
    const metric = (type: ScrapedMetric['type'], name: string, help: string, read: (traffic: TrafficSnapshot) => readonly Series[]) =>
      new ScrapedMetric(type, name, help, () => read(meter.snapshot()));
    this.metrics = [
      metric('counter', 'websocket_connections_total', 'Total connections created', (now) => [{ value: now.connections.opened }]),
      metric('gauge', 'websocket_connections_active', 'Currently active connections', (now) => [{ value: now.connections.active }]),
      metric('counter', 'websocket_messages_sent', 'Total messages sent', (now) => [{ value: now.messages.sent }]),
      metric('counter', 'websocket_messages_received', 'Total messages received', (now) => [{ value: now.messages.received }]),
      metric('histogram', LATENCY, 'Message processing latency in seconds', (now) =>
        now.latency.flatMap((method) => latencySeries(LATENCY, method)),
      ),
      metric('counter', 'websocket_errors_total', 'Total errors by type', (now) => labelled('type', now.errors)),
      metric('counter', 'websocket_sent_bytes_total', 'Bytes of messages sent', (now) => [{ value: now.messages.sentBytes }]),
      metric('counter', 'websocket_received_bytes_total', 'Bytes of messages received', (now) => [{ value: now.messages.receivedBytes }]),
      metric('counter', 'websocket_connections_closed_total', 'Connections ended, by close code', (now) =>
        labelled('code', now.connections.closed),
      ),
      metric('counter', 'websocket_rate_limited_total', 'Refusals by rate limits, by whose limit', (now) =>
        labelled('scope', now.rateRefusals),
      ),
    ];
  }

  onModuleInit(): void {
    for (const metric of this.metrics) metric.register();
  }

  onModuleDestroy(): void {
    for (const metric of this.metrics) metric.unregister();
  }
}

function labelled(label: string, counts: Readonly<Record<string, number>>): Series[] {
  return Object.entries(counts).map(([value, count]) => ({ labels: { [label]: value }, value: count }));
}
