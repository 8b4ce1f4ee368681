// The guide's two answers about the server for people and load balancers: open health, and stats for administrators.
import { Controller, Get, Header, HttpStatus, Res, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';

import { HttpAuthGuard } from '../auth/http-auth.guard.js';
import { OperatorOnly } from '../auth/http-scope.decorator.js';
import { HEALTH_SCHEMA, STATS_SCHEMA } from './report-schemas.js';
import { ServerHealth, type HealthReport } from './server-health.js';
import { ServerStats } from './server-stats.js';

interface Reply {
  status(code: number): unknown;
}

@ApiTags('monitoring')
@Controller('api/v1/websocket')
export class StatusController {
  constructor(
    private readonly health: ServerHealth,
    private readonly stats: ServerStats,
  ) {}

  @Get('health')
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Health of the WebSocket server',
    description: 'Open to all: it tells numbers of connections and rates, and no names.',
  })
  @ApiOkResponse({ description: 'Healthy', schema: HEALTH_SCHEMA })
  @ApiServiceUnavailableResponse({ description: 'Degraded or unhealthy; `checks` tells why', schema: HEALTH_SCHEMA })
  async readHealth(@Res({ passthrough: true }) reply: Reply): Promise<HealthReport> {
    const report = await this.health.report();
    reply.status(report.status === 'healthy' ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE);
    return report;
  }

  @Get('stats')
  @UseGuards(HttpAuthGuard)
  @OperatorOnly()
  @Header('cache-control', 'no-store')
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Connection statistics', description: 'Of this process, since it started. For admins of the tenant `default`.' })
  @ApiOkResponse({ schema: STATS_SCHEMA })
  readStats(): ReturnType<ServerStats['report']> {
    return this.stats.report();
  }
}
