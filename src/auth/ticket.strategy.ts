// Passport's strategy for tickets.
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';

import type { Authenticated } from './authenticated.js';
import { CredentialStrategy } from './credential.strategy.js';
import { TicketStore } from './ticket-store.js';

export const TICKET_STRATEGY = 'mcpw-ticket';

@Injectable()
export class TicketStrategy extends PassportStrategy(CredentialStrategy, TICKET_STRATEGY) {
  constructor(private readonly tickets: TicketStore) {
    super();
  }

  override validate(ticket: string): Authenticated {
    return this.tickets.redeem(ticket);
  }
}
