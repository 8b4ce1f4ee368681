// REST for limits: what is set is in force with the answer, also on connections that are open.
import { Body, Controller, Delete, Get, Header, HttpCode, HttpStatus, Param, Put, Query, UseGuards, UsePipes } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';

import type { Authenticated } from '../auth/authenticated.js';
import { FromHttpCaller, HttpAuthGuard } from '../auth/http-auth.guard.js';
import { HttpScope } from '../auth/http-scope.decorator.js';
import { RestParamsPipe } from '../auth/rest-params.pipe.js';
import { OfTenantDto, SetLimitDto } from './limit.dto.js';
import { LimitListView, LimitView } from './limit-view.js';
import { LimitsService } from './limits.service.js';

@ApiTags('limits')
@ApiBearerAuth()
@Controller('api/v1/limits')
@UseGuards(HttpAuthGuard)
@UsePipes(RestParamsPipe)
@HttpScope('admin')
export class LimitsController {
  constructor(private readonly limits: LimitsService) {}

  @Get()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'List limits', description: 'Those that were set, in place of the configuration’s.' })
  @ApiOkResponse({ type: LimitListView })
  list(@FromHttpCaller() { principal }: Authenticated): LimitListView {
    return this.limits.list(principal);
  }

  @Put('tenants/:tenant')
  @ApiOperation({ summary: 'Limit a tenant', description: 'All its connections together. Admins of the tenant `default` only.' })
  @ApiOkResponse({ type: LimitView })
  setTenant(
    @FromHttpCaller() { principal }: Authenticated,
    @Param('tenant') tenant: string,
    @Body() rate: SetLimitDto,
  ): Promise<LimitView> {
    return this.limits.set(principal, this.limits.tenant(principal, tenant), rate);
  }

  @Put('keys/:id')
  @ApiOperation({
    summary: 'Limit an API key',
    description: 'All its connections together, and each of them: in place of the configured limits of a user and of a connection.',
  })
  @ApiOkResponse({ type: LimitView })
  @ApiNotFoundResponse()
  setKey(@FromHttpCaller() { principal }: Authenticated, @Param('id') id: string, @Body() rate: SetLimitDto): Promise<LimitView> {
    return this.limits.set(principal, this.limits.key(principal, id), rate);
  }

  @Put('tools/:name')
  @ApiOperation({ summary: 'Limit a tool', description: 'Its executions by all of a tenant together.' })
  @ApiOkResponse({ type: LimitView })
  setTool(
    @FromHttpCaller() { principal }: Authenticated,
    @Param('name') name: string,
    @Query() { tenant }: OfTenantDto,
    @Body() rate: SetLimitDto,
  ): Promise<LimitView> {
    return this.limits.set(principal, this.limits.tool(principal, name, tenant), rate);
  }

  @Delete('tenants/:tenant')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiOperation({ summary: 'Remove a tenant’s limit', description: 'The configured one is in force again.' })
  @ApiNoContentResponse()
  @ApiNotFoundResponse()
  removeTenant(@FromHttpCaller() { principal }: Authenticated, @Param('tenant') tenant: string): Promise<void> {
    return this.limits.remove(principal, this.limits.tenant(principal, tenant));
  }

  @Delete('keys/:id')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiOperation({ summary: 'Remove a key’s limit', description: 'The configured one is in force again.' })
  @ApiNoContentResponse()
  @ApiNotFoundResponse()
  removeKey(@FromHttpCaller() { principal }: Authenticated, @Param('id') id: string): Promise<void> {
    return this.limits.remove(principal, this.limits.key(principal, id));
  }

  @Delete('tools/:name')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiOperation({ summary: 'Remove a tool’s limit' })
  @ApiNoContentResponse()
  @ApiNotFoundResponse()
  removeTool(@FromHttpCaller() { principal }: Authenticated, @Param('name') name: string, @Query() { tenant }: OfTenantDto): Promise<void> {
    return this.limits.remove(principal, this.limits.tool(principal, name, tenant));
  }
}
