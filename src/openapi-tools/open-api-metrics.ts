// Metrics of APIs, read when they are scraped. The label is a name from the operator's file.
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';

import { latencySeries, OUTCOMES } from '../egress/call-stats.js';
import { ScrapedMetric, type Series } from '../extension/scraped-metric.js';
import { OpenApiTools } from './open-api-tools.js';

const CALL_SECONDS = 'mcpw_api_call_seconds';

type Api = ReturnType<OpenApiTools['all']>[number];

@Injectable()
export class OpenApiMetrics implements OnModuleInit, OnModuleDestroy {
  private readonly metrics: readonly ScrapedMetric[];

  constructor(private readonly apis: OpenApiTools) {
    this.metrics = [
      new ScrapedMetric('gauge', 'mcpw_api_tools', 'Tools of the API', () => this.each(({ tools }) => tools.size)),
      new ScrapedMetric('gauge', 'mcpw_api_circuit_open', 'Whether the API is left alone after failures', () =>
        this.each(({ calls }) => (calls.breaker.state === 'closed' ? 0 : 1)),
      ),
      new ScrapedMetric('counter', 'mcpw_api_calls_total', 'Calls of the API, by outcome', () =>
        OUTCOMES.flatMap((outcome) => this.each(({ calls }) => calls.stats.outcomes[outcome], { outcome })),
      ),
      new ScrapedMetric('histogram', CALL_SECONDS, 'Time of calls of the API in seconds', () =>
        this.apis.all().flatMap(({ name, calls }) => latencySeries(CALL_SECONDS, { api: name }, [calls.stats])),
      ),
    ];
  }

  onModuleInit(): void {
    for (const metric of this.metrics) metric.register();
  }

  onModuleDestroy(): void {
    for (const metric of this.metrics) metric.unregister();
  }

  private each(read: (api: Api) => number, labels: Record<string, string> = {}): Series[] {
    return this.apis.all().map((api) => ({ labels: { ...labels, api: api.name }, value: read(api) }));
  }
}
