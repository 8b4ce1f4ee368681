// What of the endpoint's refusals the audit log has: those that tell of somebody who may not, or who is not who they say. Not those
// that tell of a mistake in a message.
import { Inject, Injectable } from '@nestjs/common';

import type { ErrorName } from '../connection/traffic-meter.js';
import { AuditLog } from '../extension/audit-log.js';
import type { Principal } from '../extension/principal.js';

/** Who was refused, as far as it is known: a connection, or who makes a request. */
export interface Refused {
  readonly identity: { readonly principal: Principal } | undefined;
  /** Of its session. */
  readonly id?: string | undefined;
  readonly address?: string | undefined;
}

const AUDITED: ReadonlySet<ErrorName> = new Set<ErrorName>([
  'authentication_failed',
  'forbidden',
  'rate_limited',
  'replay_rejected',
  'signature_invalid',
]);

@Injectable()
export class RefusalAudit {
  constructor(@Inject(AuditLog) private readonly log: AuditLog) {}

  /** A message was refused. @param method of the server's own table; never a name that a client made up */
  refused(who: Refused, outcome: ErrorName, method: string): void {
    if (AUDITED.has(outcome)) this.log.record({ action: 'refuse', outcome, target: method || undefined, ...whoIs(who) });
  }

  /** The server ends a connection for what came over it. */
  closed(connection: Refused, code: number): void {
    this.log.record({ action: 'close', outcome: String(code), ...whoIs(connection) });
  }

  /** A handshake was refused before there was a connection. */
  turnedAway(address: string, outcome: 'forbidden' | 'rate_limited'): void {
    this.log.record({ action: 'connect', outcome, address });
  }
}

function whoIs({ identity, id, address }: Refused) {
  const principal = identity?.principal;
  return { tenant: principal?.tenant, principal: principal?.id, session: id || undefined, address };
}
