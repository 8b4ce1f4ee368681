// RFC 9728 metadata, at both of the places that clients look. Open to all: it is read before there is a credential.
import type { IncomingMessage } from 'node:http';

import { Controller, Get, Header, NotFoundException, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { OAuthProtectedResourceMetadata } from '@modelcontextprotocol/server';

import { MCP_PATH, METADATA_PATH, ResourceMetadata } from './resource-metadata.js';

@ApiTags('mcp')
@Controller()
export class ResourceMetadataController {
  constructor(private readonly metadata: ResourceMetadata) {}

  @Get([METADATA_PATH, METADATA_PATH + MCP_PATH])
  @Header('access-control-allow-origin', '*')
  @Header('cache-control', 'public, max-age=300')
  @ApiOperation({ summary: 'Where tokens for /mcp come from (RFC 9728)', description: '404 where no authorization server is configured.' })
  @ApiOkResponse({ description: 'Protected resource metadata' })
  read(@Req() request: { readonly raw: IncomingMessage }): OAuthProtectedResourceMetadata {
    const document = this.metadata.document(request.raw);
    if (document === undefined) throw new NotFoundException('no authorization server is configured');
    return document;
  }
}
