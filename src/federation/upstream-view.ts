// What REST shows of upstreams: how they fare, never what proves this server to them.
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

import { OPERATOR_TENANT } from '../auth/authenticated.js';
import type { Upstream } from './upstream.js';
import { isRunBy } from './upstream-definition.js';

export class UpstreamView {
  @ApiProperty({ example: 'up_4fzyo82mvyr3' })
  id!: string;
  @ApiProperty({ example: 'crm' })
  name!: string;
  @ApiProperty({ enum: ['stdio', 'http', 'ws'] })
  type!: string;
  @ApiProperty({ enum: ['file', 'rest'] })
  origin!: string;
  @ApiPropertyOptional({ description: 'Of those that were added over REST, and of the file’s to administrators of the tenant `default`' })
  url?: string;
  @ApiProperty({
    type: [String],
    nullable: true,
    description: 'Who sees it; null: all tenants. Of a list, administrators of other tenants than `default` see their own',
  })
  tenants!: readonly string[] | null;
  @ApiProperty({ enum: ['connecting', 'connected', 'waiting', 'closed'] })
  state!: string;
  @ApiProperty({ enum: ['closed', 'open', 'half_open'] })
  circuit!: string;
  @ApiPropertyOptional({ example: '2026-07-28', description: 'The MCP revision that was agreed on' })
  protocol?: string;
  @ApiProperty({ description: 'How many tools it has' })
  tools!: number;
  @ApiPropertyOptional()
  last_error?: string;
  @ApiPropertyOptional({ description: 'Time to the next attempt to connect' })
  retry_after_ms?: number;
}

export class UpstreamListView {
  @ApiProperty({ type: [UpstreamView] })
  upstreams!: UpstreamView[];
}

/** @param viewer a tenant. The upstream's address and its errors are for who runs it, and other tenants' names for the operator */
export function upstreamView(upstream: Upstream, viewer: string): UpstreamView {
  const { definition, link, lastError, tools, breaker } = upstream;
  const mayLookInside = isRunBy(definition, viewer);
  const { id, source, server, origin, tenants } = definition;
  const retryAfterMs = link.retryAfterMs();
  const protocol = link.peer?.protocolVersion;
  return {
    id,
    name: source,
    type: server.type,
    origin,
    ...(mayLookInside && server.type !== 'stdio' && { url: server.url }),
    tenants: viewer === OPERATOR_TENANT || tenants === null ? tenants : tenants.filter((tenant) => tenant === viewer),
    state: upstream.state,
    circuit: breaker.state,
    ...(protocol !== undefined && { protocol }),
    tools: tools.size,
    ...(mayLookInside && lastError !== '' && { last_error: lastError }),
    ...(retryAfterMs > 0 && { retry_after_ms: Math.ceil(retryAfterMs) }),
  };
}
