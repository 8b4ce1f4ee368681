// REST for tickets: how a web page connects without showing its key to every script and proxy on the way.
import { Controller, Header, Post, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';

import type { Authenticated } from './authenticated.js';
import { FromHttpCaller, HttpAuthGuard } from './http-auth.guard.js';
import { TicketStore } from './ticket-store.js';

export class TicketView {
  @ApiProperty({ description: 'For `/ws?ticket=…`, once' })
  ticket!: string;
  @ApiProperty({ format: 'date-time' })
  expires_at!: string;
}

@ApiTags('tickets')
@ApiBearerAuth()
@Controller('api/v1/websocket/tickets')
@UseGuards(HttpAuthGuard)
export class TicketsController {
  constructor(private readonly tickets: TicketStore) {}

  @Post()
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Get a ticket for connecting',
    description: 'Single-use, good for 30 s unless configured otherwise. Any caller with a credential.',
  })
  @ApiCreatedResponse({ type: TicketView })
  issue(@FromHttpCaller() authenticated: Authenticated): TicketView {
    const { ticket, expiresAt } = this.tickets.issue(authenticated);
    return { ticket, expires_at: new Date(expiresAt).toISOString() };
  }
}
