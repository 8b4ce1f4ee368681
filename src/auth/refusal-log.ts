// Tells the operator why credentials are refused, which clients are not told. A flood of them is a line a second for each reason: that every
// one was refused stands in the audit log.
import { Inject, Injectable, Logger } from '@nestjs/common';

import { Clock } from '../extension/clock.js';
import type { CredentialRefused, RefusalReason } from './refusal.js';

const LEAST_BETWEEN_MS = 1_000;

interface Noted {
  readonly loggedAt: number;
  /** Since then. */
  again: number;
}

@Injectable()
export class RefusalLog {
  private readonly logger = new Logger('Authentication');
  /** There are only so many reasons. */
  private readonly noted = new Map<RefusalReason, Noted>();

  constructor(@Inject(Clock) private readonly clock: Clock) {}

  /** @param address the client's */
  note({ reason, mismatch }: CredentialRefused, address: string): void {
    const now = this.clock.now();
    const last = this.noted.get(reason);
    if (last !== undefined && Math.abs(now - last.loggedAt) < LEAST_BETWEEN_MS) {
      last.again++;
      return;
    }
    this.noted.set(reason, { loggedAt: now, again: 0 });
    this.logger.log({ reason, ...mismatch, address, count: 1 + (last?.again ?? 0) }, 'a credential was refused');
  }
}
