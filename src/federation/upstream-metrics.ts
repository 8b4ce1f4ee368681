// Metrics of upstreams, read when they are scraped. The label is a name from the operator's file; all that administrators added
// are counted together, for a label never holds what a client sent.
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';

import { latencySeries, OUTCOMES } from '../egress/call-stats.js';
import { ScrapedMetric, type Series } from '../extension/scraped-metric.js';
import type { Upstream } from './upstream.js';
import { Upstreams } from './upstreams.js';

const ADDED = '(added)';
const CALL_SECONDS = 'mcpw_upstream_call_seconds';

@Injectable()
export class UpstreamMetrics implements OnModuleInit, OnModuleDestroy {
  private readonly metrics: readonly ScrapedMetric[];

  constructor(private readonly upstreams: Upstreams) {
    this.metrics = [
      new ScrapedMetric('gauge', 'mcpw_upstream_connected', 'Sessions with the MCP server', () =>
        this.summed((upstream) => (upstream.state === 'connected' ? 1 : 0)),
      ),
      new ScrapedMetric('gauge', 'mcpw_upstream_tools', 'Tools of the MCP server', () => this.summed(({ tools }) => tools.size)),
      new ScrapedMetric('gauge', 'mcpw_upstream_circuit_open', 'Whether the MCP server is left alone after failures', () =>
        this.summed(({ breaker }) => (breaker.state === 'closed' ? 0 : 1)),
      ),
      new ScrapedMetric('counter', 'mcpw_upstream_connects_total', 'Sessions opened with the MCP server', () =>
        this.summed(({ link }) => link.connects),
      ),
      new ScrapedMetric('counter', 'mcpw_upstream_calls_total', 'Calls of tools of the MCP server, by outcome', () =>
        OUTCOMES.flatMap((outcome) => this.summed(({ stats }) => stats.outcomes[outcome], { outcome })),
      ),
      new ScrapedMetric('histogram', CALL_SECONDS, 'Time of calls of the MCP server in seconds', () => this.latencies()),
    ];
  }

  onModuleInit(): void {
    for (const metric of this.metrics) metric.register();
  }

  onModuleDestroy(): void {
    for (const metric of this.metrics) metric.unregister();
  }

  private summed(read: (upstream: Upstream) => number, labels: Record<string, string> = {}): Series[] {
    return [...this.byLabel()].map(([label, upstreams]) => ({
      labels: { ...labels, upstream: label },
      value: upstreams.reduce((sum, upstream) => sum + read(upstream), 0),
    }));
  }

  private latencies(): Series[] {
    return [...this.byLabel()].flatMap(([upstream, members]) =>
      latencySeries(
        CALL_SECONDS,
        { upstream },
        members.map(({ stats }) => stats),
      ),
    );
  }

  private byLabel(): Map<string, Upstream[]> {
    return Map.groupBy(this.upstreams.all(), ({ definition }) => (definition.origin === 'file' ? definition.source : ADDED));
  }
}
