// How much of MCP is open. Calls are counted with those of the server's own protocol, by method (`mcp tools/call`).
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';

import { ScrapedMetric } from '../extension/scraped-metric.js';
import { EventStreams } from './http/event-streams.js';
import { SessionStore } from './http/session-store.js';

@Injectable()
export class McpMetrics implements OnModuleInit, OnModuleDestroy {
  private readonly metrics: readonly ScrapedMetric[];

  constructor(sessions: SessionStore, streams: EventStreams) {
    this.metrics = [
      new ScrapedMetric('gauge', 'mcpw_mcp_sessions', 'MCP sessions of /mcp', () => [{ value: sessions.size }]),
      new ScrapedMetric('gauge', 'mcpw_mcp_streams', 'Open event streams of /mcp', () => [{ value: streams.size }]),
    ];
  }

  onModuleInit(): void {
    for (const metric of this.metrics) metric.register();
  }

  onModuleDestroy(): void {
    for (const metric of this.metrics) metric.unregister();
  }
}
