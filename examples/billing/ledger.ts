// What the gateway and the tool share. Kept in memory: a real one is behind a port, on a database.
import { Injectable } from '@nestjs/common';

import { Failure } from 'mcpw';

export interface Balance {
  readonly account: string;
  readonly charged_cents: number;
}

const CREDIT_LIMIT_CENTS = 1_000_000_00;

@Injectable()
export class Ledger {
  private readonly tenants = new Map<string, Map<string, number>>();

  /** @throws Failure `conflict` past the credit limit; nothing is charged */
  charge(tenant: string, account: string, amountCents: number): Balance {
    const accounts = this.tenants.get(tenant) ?? new Map<string, number>();
    const charged = (accounts.get(account) ?? 0) + amountCents;
    if (charged > CREDIT_LIMIT_CENTS)
      throw new Failure('conflict', `account ${account} would exceed its limit of ${CREDIT_LIMIT_CENTS} cents`);
    accounts.set(account, charged);
    this.tenants.set(tenant, accounts);
    return { account, charged_cents: charged };
  }

  /** @throws Failure `not_found`: an account that was never charged and another tenant's are alike */
  balance(tenant: string, account: string): Balance {
    const charged = this.tenants.get(tenant)?.get(account);
    if (charged === undefined) throw Failure.notFound(`account ${account}`);
    return { account, charged_cents: charged };
  }
}
