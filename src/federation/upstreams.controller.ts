// REST for upstreams.
import { Body, Controller, Delete, Get, Header, HttpCode, HttpStatus, Param, Post, UseGuards, UsePipes } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';

import type { Authenticated } from '../auth/authenticated.js';
import { FromHttpCaller, HttpAuthGuard } from '../auth/http-auth.guard.js';
import { HttpScope } from '../auth/http-scope.decorator.js';
import { RestParamsPipe } from '../auth/rest-params.pipe.js';
import { AddUpstreamDto } from './upstream.dto.js';
import { UpstreamService } from './upstream.service.js';
import { UpstreamListView, UpstreamView } from './upstream-view.js';

@ApiTags('upstreams')
@ApiBearerAuth()
@Controller('api/v1/upstreams')
@UseGuards(HttpAuthGuard)
@UsePipes(RestParamsPipe)
@HttpScope('admin')
export class UpstreamsController {
  constructor(private readonly upstreams: UpstreamService) {}

  @Post()
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Add an MCP server',
    description:
      'Its tools appear as `<name>.<tool>`. Admins of the tenant `default` add for all tenants or those they name, others for their own. ' +
      'A host that is private, loopback or link-local is refused unless the configuration allows it.',
  })
  @ApiCreatedResponse({ type: UpstreamView })
  @ApiConflictResponse({ description: 'The name is taken' })
  add(@FromHttpCaller() { principal }: Authenticated, @Body() params: AddUpstreamDto): Promise<UpstreamView> {
    return this.upstreams.add(principal, params);
  }

  @Get()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'List MCP servers', description: 'Those of the configuration too.' })
  @ApiOkResponse({ type: UpstreamListView })
  list(@FromHttpCaller() { principal }: Authenticated): UpstreamListView {
    return this.upstreams.list(principal);
  }

  @Get(':id')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'See how an MCP server fares' })
  @ApiOkResponse({ type: UpstreamView })
  @ApiNotFoundResponse()
  get(@FromHttpCaller() { principal }: Authenticated, @Param('id') id: string): UpstreamView {
    return this.upstreams.get(principal, id);
  }

  @Post(':id/reconnect')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Try to connect now' })
  @ApiOkResponse({ type: UpstreamView })
  @ApiNotFoundResponse()
  reconnect(@FromHttpCaller() { principal }: Authenticated, @Param('id') id: string): Promise<UpstreamView> {
    return this.upstreams.reconnect(principal, id);
  }

  @Delete(':id')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiOperation({ summary: 'Remove an MCP server', description: 'Its tools are gone at once. Those of the configuration stay.' })
  @ApiNoContentResponse()
  @ApiNotFoundResponse()
  @ApiConflictResponse({ description: 'It is named in the configuration' })
  remove(@FromHttpCaller() { principal }: Authenticated, @Param('id') id: string): Promise<void> {
    return this.upstreams.remove(principal, id);
  }
}
