// What the gateway and the tool share. Kept in memory: a real one is behind a port, on a database, and keeps what is to be published in
// the transaction of the charge, so that neither is without the other.
import { Inject, Injectable, Logger } from '@nestjs/common';

import { EventPublisher, Failure } from 'mcpw';

export interface Balance {
  readonly account: string;
  readonly charged_cents: number;
}

const CREDIT_LIMIT_CENTS = 1_000_000_00;

@Injectable()
export class Ledger {
  private readonly logger = new Logger(Ledger.name);
  private readonly tenants = new Map<string, Map<string, number>>();

  constructor(@Inject(EventPublisher) private readonly events: EventPublisher) {}

  /** Publishes `billing.charged`. @throws Failure `conflict` past the credit limit; nothing is charged */
  async charge(tenant: string, account: string, amountCents: number): Promise<Balance> {
    const accounts = this.tenants.get(tenant) ?? new Map<string, number>();
    const charged = (accounts.get(account) ?? 0) + amountCents;
    if (charged > CREDIT_LIMIT_CENTS) {
      this.logger.warn({ msg: 'credit limit', tenant, account });
      throw new Failure('conflict', `account ${account} would exceed its limit of ${CREDIT_LIMIT_CENTS} cents`);
    }
    accounts.set(account, charged);
    this.tenants.set(tenant, accounts);
    await this.events.publish(tenant, 'billing.charged', { account, amount_cents: amountCents });
    return { account, charged_cents: charged };
  }

  /** @throws Failure `not_found`: an account that was never charged and another tenant's are alike */
  balance(tenant: string, account: string): Balance {
    const charged = this.tenants.get(tenant)?.get(account);
    if (charged === undefined) throw Failure.notFound(`account ${account}`);
    return { account, charged_cents: charged };
  }
}
