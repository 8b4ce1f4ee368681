// Tickets for connecting from where no header can be set: single-use, short-lived, in memory (PROTOCOL.md §1).
import { hash, randomBytes } from 'node:crypto';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';

import { Config } from '../config/config.js';
import { Clock } from '../extension/clock.js';
import { Failure } from '../extension/failure.js';
import type { Authenticated, CredentialRef } from './authenticated.js';
import { CredentialEvents } from './credential-events.js';
import { refused } from './refusal.js';

const TICKET_BYTES = 32;
export const MAX_TICKETS_OF_PRINCIPAL = 100;
export const MAX_TICKETS = 100_000;

interface Ticket {
  readonly authenticated: Authenticated;
  readonly expiresAt: number;
}

export interface IssuedTicket {
  readonly ticket: string;
  /** Milliseconds since the Unix epoch. */
  readonly expiresAt: number;
}

@Injectable()
export class TicketStore implements OnModuleDestroy {
  /**
   * By the ticket's SHA-256: the ticket itself is not kept, and how long a lookup by hash takes tells nothing about it.
   * All live equally long, so the oldest, always the first, ends first.
   */
  private readonly tickets = new Map<string, Ticket>();
  private readonly countOfPrincipal = new Map<string, number>();
  private readonly stopListening: () => void;

  constructor(
    @Inject(Config) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
    events: CredentialEvents,
  ) {
    this.stopListening = events.onRevoked((credential) => this.forgetAllOf(credential));
  }

  onModuleDestroy(): void {
    this.stopListening();
  }

  /** @throws Failure rate_limited when the principal has too many tickets that nobody used, unavailable when all together have */
  issue(authenticated: Authenticated): IssuedTicket {
    const now = this.clock.now();
    this.sweep(now);
    const { id } = authenticated.principal;
    const { ticketTtlMs } = this.config.auth;
    const ofPrincipal = this.countOfPrincipal.get(id) ?? 0;
    if (ofPrincipal >= MAX_TICKETS_OF_PRINCIPAL) {
      throw new Failure('rate_limited', `${MAX_TICKETS_OF_PRINCIPAL} tickets wait to be used`, {
        retry_after_ms: ticketTtlMs,
        scope: 'user',
      });
    }
    if (this.tickets.size >= MAX_TICKETS)
      throw new Failure('unavailable', 'too many tickets wait to be used', { retry_after_ms: ticketTtlMs });
    const ticket = randomBytes(TICKET_BYTES).toString('base64url');
    const expiresAt = now + ticketTtlMs;
    this.tickets.set(hashOf(ticket), { authenticated, expiresAt });
    this.countOfPrincipal.set(id, ofPrincipal + 1);
    return { ticket, expiresAt };
  }

  /**
   * The ticket is good no more afterwards. @returns what the credential that got it had proved
   * @throws Failure authentication_failed
   */
  redeem(ticket: string): Authenticated {
    const name = hashOf(ticket);
    const found = this.tickets.get(name);
    if (found === undefined) throw refused('ticket_wrong');
    this.forget(name, found);
    const now = this.clock.now();
    if (found.expiresAt <= now || (found.authenticated.expiresAt ?? Infinity) <= now) throw refused('ticket_expired');
    return found.authenticated;
  }

  private sweep(now: number): void {
    for (const [name, ticket] of this.tickets) {
      if (ticket.expiresAt > now) return;
      this.forget(name, ticket);
    }
  }

  private forgetAllOf({ kind, id }: CredentialRef): void {
    for (const [name, ticket] of this.tickets) {
      const { credential } = ticket.authenticated;
      if (credential.kind === kind && credential.id === id) this.forget(name, ticket);
    }
  }

  private forget(name: string, { authenticated }: Ticket): void {
    this.tickets.delete(name);
    const { id } = authenticated.principal;
    const left = (this.countOfPrincipal.get(id) ?? 1) - 1;
    if (left > 0) this.countOfPrincipal.set(id, left);
    else this.countOfPrincipal.delete(id);
  }
}

const hashOf = (ticket: string): string => hash('sha256', ticket, 'base64url');
