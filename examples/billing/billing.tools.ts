// Billing as a tool, for models that choose among tools: the same service, the same DTO, the same scope.
import { Injectable } from '@nestjs/common';

import { Tool, type ToolCaller } from 'mcpw';
import { BalanceDto } from './balance.dto.js';
import { Ledger, type Balance } from './ledger.js';

@Injectable()
export class BillingTools {
  constructor(private readonly ledger: Ledger) {}

  @Tool({
    name: 'billing_balance',
    description: 'What an account has been charged so far, in cents.',
    input: BalanceDto,
    scopes: ['billing:read'],
    annotations: { title: 'Balance of an account', readOnlyHint: true },
  })
  balance(args: BalanceDto, caller: ToolCaller): Balance {
    return this.ledger.balance(caller.principal.tenant, args.account);
  }
}
