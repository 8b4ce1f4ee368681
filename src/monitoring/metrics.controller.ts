// The metrics of this server, of the process and of every module that registers its own, for Prometheus.
import { Controller, Get, Header, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { register } from 'prom-client';

import { OperatorOnly } from '../auth/http-scope.decorator.js';
import { MetricsGuard } from './metrics.guard.js';

/** `PrometheusModule` gives the path. */
@ApiTags('monitoring')
@ApiBearerAuth()
@Controller()
@UseGuards(MetricsGuard)
@OperatorOnly('metrics:read')
export class MetricsController {
  @Get()
  @Header('content-type', register.contentType)
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Prometheus metrics',
    description:
      'Open while the server listens on a loopback address and is asked directly, by a name of that address; else for holders of ' +
      '`metrics:read` in the tenant `default`, and its admins.',
  })
  @ApiProduces('text/plain')
  read(): Promise<string> {
    return register.metrics();
  }
}
