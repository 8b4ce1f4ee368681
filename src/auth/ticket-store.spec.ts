import { beforeEach, describe, expect, it } from 'vitest';

import type { Authenticated } from './authenticated.js';
import { CredentialEvents } from './credential-events.js';
import { StoppedClock } from './testing/key-database.js';
import { testConfig } from './testing/test-config.js';
import { MAX_TICKETS, MAX_TICKETS_OF_PRINCIPAL, TicketStore } from './ticket-store.js';

const TTL_MS = 30_000;

let clock: StoppedClock;
let events: CredentialEvents;
let tickets: TicketStore;
beforeEach(() => {
  clock = new StoppedClock();
  events = new CredentialEvents();
  tickets = new TicketStore(testConfig(), clock, events);
});

const owner = (id: string, members: Partial<Authenticated> = {}): Authenticated => ({
  principal: { id: `key:${id}`, tenant: 'acme', scopes: ['tools:read'] },
  credential: { kind: 'api_key', id },
  ...members,
});
const refused = expect.objectContaining({ kind: 'authentication_failed', message: 'the credential is not valid' }) as Error;

describe('a ticket', () => {
  it('stands for the credential that got it, once', () => {
    const authenticated = owner('a');
    const { ticket, expiresAt } = tickets.issue(authenticated);
    expect(ticket).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(expiresAt).toBe(clock.time + TTL_MS);
    expect(tickets.redeem(ticket)).toBe(authenticated);
    expect(() => tickets.redeem(ticket)).toThrow(refused);
  });

  it('is good for 30 s and not a moment longer', () => {
    const [early, late] = [tickets.issue(owner('a')), tickets.issue(owner('a'))];
    clock.time += TTL_MS - 1;
    tickets.redeem(early.ticket);
    clock.time += 1;
    expect(() => tickets.redeem(late.ticket)).toThrow(refused);
  });

  it.each(['', 'x', 'A'.repeat(43)])('made up as %j is refused', (ticket) => {
    tickets.issue(owner('a'));
    expect(() => tickets.redeem(ticket)).toThrow(refused);
  });

  it('ends with the credential: when that expires, and when it is revoked', () => {
    const expiring = tickets.issue(owner('a', { expiresAt: clock.time + 10 }));
    clock.time += 10;
    expect(() => tickets.redeem(expiring.ticket)).toThrow(refused);

    const [revoked, other] = [tickets.issue(owner('a')), tickets.issue(owner('b'))];
    events.revoked({ kind: 'api_key', id: 'a' });
    expect(() => tickets.redeem(revoked.ticket)).toThrow(refused);
    tickets.redeem(other.ticket);
  });

  it('is not kept in the clear', () => {
    const { ticket } = tickets.issue(owner('a'));
    expect([...(tickets as unknown as { tickets: Map<string, unknown> }).tickets.keys()]).not.toContain(ticket);
  });
});

describe('tickets are bounded', () => {
  it('for one principal, until they are used or over', () => {
    const issued = Array.from({ length: MAX_TICKETS_OF_PRINCIPAL }, () => tickets.issue(owner('a')));
    expect(() => tickets.issue(owner('a'))).toThrow(
      expect.objectContaining({ kind: 'rate_limited', data: { retry_after_ms: TTL_MS, scope: 'user' } }) as Error,
    );
    tickets.issue(owner('b'));
    tickets.redeem(issued[0]!.ticket);
    tickets.issue(owner('a'));
    expect(() => tickets.issue(owner('a'))).toThrow('wait to be used');
    clock.time += TTL_MS;
    tickets.issue(owner('a'));
  });

  it('for all together', () => {
    for (let i = 0; i < MAX_TICKETS; i++) tickets.issue(owner(`p${i % 2_000}`));
    expect(() => tickets.issue(owner('new'))).toThrow(expect.objectContaining({ kind: 'unavailable' }) as Error);
    clock.time += TTL_MS;
    tickets.issue(owner('new'));
  });
});

it('stops listening when the server ends', () => {
  const { ticket } = tickets.issue(owner('a'));
  tickets.onModuleDestroy();
  events.revoked({ kind: 'api_key', id: 'a' });
  expect(tickets.redeem(ticket)).toBeDefined();
});
