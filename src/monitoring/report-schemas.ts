// What the reports look like, for the OpenAPI document.
import type { ApiResponseSchemaHost } from '@nestjs/swagger';

type SchemaObject = ApiResponseSchemaHost['schema'];

const count: SchemaObject = { type: 'integer', minimum: 0 };
const share: SchemaObject = { type: 'number', minimum: 0 };
const counts: SchemaObject = { type: 'object', additionalProperties: count };
const status: SchemaObject = { type: 'string', enum: ['healthy', 'degraded', 'unhealthy'] };
const milliseconds: SchemaObject = { type: 'number', nullable: true };

function object(properties: Record<string, SchemaObject>): SchemaObject {
  return { type: 'object', properties, required: Object.keys(properties) };
}

const CONNECTIONS = object({ status, active: count, max: count, utilization: share });

export const HEALTH_SCHEMA: SchemaObject = object({
  status,
  checks: {
    type: 'object',
    properties: {
      connections: {
        ...CONNECTIONS,
        properties: {
          ...CONNECTIONS.properties,
          disabled: { type: 'boolean', description: '`websocket.enabled` is false: there are to be none' },
        },
      },
      rate_limiter: {
        ...object({ status, error_rate: share }),
        description: 'Of the last minute’s messages, the share that failed by the server’s own fault (4003). Fewer than 20 say nothing',
      },
      storage: { ...object({ status }), description: 'Told of only while it is not healthy' },
    },
    required: ['connections', 'rate_limiter'],
  },
});

export const STATS_SCHEMA: SchemaObject = object({
  uptime_seconds: count,
  connections: object({ total: count, active: count, max: count, by_state: counts, closed: counts }),
  messages: object({ received: count, sent: count, received_bytes: count, sent_bytes: count, handled: count }),
  errors: object({ total: count, by_code: counts }),
  rate_limit: object({ refused: counts }),
  methods: {
    type: 'object',
    additionalProperties: object({ count, mean_ms: share, p50_ms: milliseconds, p95_ms: milliseconds, p99_ms: milliseconds }),
  },
  event_loop: object({
    delay_ms: object({ mean: share, p50: share, p99: share, max: share }),
    recent_ms: object({ p99: share, max: share }),
    utilization: share,
  }),
  memory: object({
    rss_bytes: count,
    heap_used_bytes: count,
    heap_total_bytes: count,
    external_bytes: count,
    array_buffers_bytes: count,
  }),
});
