// REST for the audit log.
import { Controller, Get, Header, Query, UseGuards, UsePipes } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';

import type { Authenticated } from '../auth/authenticated.js';
import { FromHttpCaller, HttpAuthGuard } from '../auth/http-auth.guard.js';
import { HttpScope } from '../auth/http-scope.decorator.js';
import { RestParamsPipe } from '../auth/rest-params.pipe.js';
import { AuditService } from './audit.service.js';
import { AuditListView } from './audit-view.js';
import { ListAuditDto } from './list-audit.dto.js';

@ApiTags('audit')
@ApiBearerAuth()
@Controller('api/v1/audit')
@UseGuards(HttpAuthGuard)
@UsePipes(RestParamsPipe)
@HttpScope('admin')
export class AuditController {
  constructor(private readonly audit: AuditService) {}

  @Get()
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Read the audit log',
    description: 'Newest first: who did what, when, and how it ended. Admins of the tenant `default` read all, others their own tenant’s.',
  })
  @ApiOkResponse({ type: AuditListView })
  list(@FromHttpCaller() { principal }: Authenticated, @Query() params: ListAuditDto): Promise<AuditListView> {
    return this.audit.list(principal, params);
  }
}
