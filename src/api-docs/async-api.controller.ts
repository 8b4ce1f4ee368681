// The AsyncAPI document, open to all as the OpenAPI one is.
import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';

import { MethodTable } from '../protocol/method-table.js';
import { SERVER_INFO } from '../protocol/server-info.js';
import { asyncApi } from './async-api.js';

@ApiTags('documents')
@Controller('api/docs')
export class AsyncApiController {
  /** Made when it is first asked for, and once: methods do not change. */
  private document: string | undefined;

  constructor(private readonly methods: MethodTable) {}

  @Get('asyncapi.json')
  @Header('content-type', 'application/json; charset=utf-8')
  @ApiOperation({
    summary: 'The WebSocket side, as an AsyncAPI 3.0 document',
    description: 'Open to all: it tells of methods, and of nobody.',
  })
  @ApiOkResponse({ description: 'An AsyncAPI document', schema: { type: 'object' } })
  read(): string {
    return (this.document ??= JSON.stringify(asyncApi(this.methods, SERVER_INFO.version)));
  }
}
