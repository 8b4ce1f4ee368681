// REST for API keys.
import { Body, Controller, Delete, Get, Header, HttpCode, HttpStatus, Param, Post, Query, UseGuards, UsePipes } from '@nestjs/common';
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

import { ApiKeyService } from './api-key.service.js';
import type { Authenticated } from './authenticated.js';
import { FromHttpCaller, HttpAuthGuard } from './http-auth.guard.js';
import { HttpScope } from './http-scope.decorator.js';
import { CreateKeyDto, ListKeysDto } from './key.dto.js';
import { KeyListView, NewKeyView } from './key-view.js';
import { RestParamsPipe } from './rest-params.pipe.js';

@ApiTags('keys')
@ApiBearerAuth()
@Controller('api/v1/keys')
@UseGuards(HttpAuthGuard)
@UsePipes(RestParamsPipe)
@HttpScope('admin')
export class KeysController {
  constructor(private readonly keys: ApiKeyService) {}

  @Post()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Make a key', description: 'Admins of the tenant `default` make keys of any tenant, others of their own.' })
  @ApiCreatedResponse({ type: NewKeyView })
  create(@FromHttpCaller() { principal }: Authenticated, @Body() params: CreateKeyDto): Promise<NewKeyView> {
    return this.keys.create(principal, params);
  }

  @Get()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'List keys', description: 'Oldest first, revoked ones too.' })
  @ApiOkResponse({ type: KeyListView })
  list(@FromHttpCaller() { principal }: Authenticated, @Query() params: ListKeysDto): KeyListView {
    return this.keys.list(principal, params);
  }

  @Post(':id/rotate')
  @HttpCode(HttpStatus.OK)
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Give a key another secret',
    description: 'The old one stops at once; connections opened with it are closed with 4401.',
  })
  @ApiOkResponse({ type: NewKeyView })
  @ApiNotFoundResponse()
  @ApiConflictResponse({ description: 'The key is revoked' })
  rotate(@FromHttpCaller() { principal }: Authenticated, @Param('id') id: string): Promise<NewKeyView> {
    return this.keys.rotate(principal, id);
  }

  @Delete(':id')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiOperation({ summary: 'Revoke a key', description: 'For good. Connections opened with it are closed with 4401.' })
  @ApiNoContentResponse()
  @ApiNotFoundResponse()
  revoke(@FromHttpCaller() { principal }: Authenticated, @Param('id') id: string): Promise<void> {
    return this.keys.revoke(principal, id);
  }
}
