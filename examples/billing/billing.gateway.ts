// `billing.*` on /ws: a handler each, one sentence each.
import { MessageBody, SubscribeMessage } from '@nestjs/websockets';

import { AgentGateway, Answers, FromCaller, Requires, type Caller } from 'mcpw';
import { AccountBalanceDto } from './account-balance.dto.js';
import { BalanceDto } from './balance.dto.js';
import { ChargeDto } from './charge.dto.js';
import { Ledger, type Balance } from './ledger.js';

@AgentGateway()
export class BillingGateway {
  constructor(private readonly ledger: Ledger) {}

  @SubscribeMessage('billing.charge')
  @Requires('billing:write')
  @Answers(AccountBalanceDto, { summary: 'Charges an account.' })
  charge(@MessageBody() params: ChargeDto, @FromCaller() caller: Caller): Promise<Balance> {
    return this.ledger.charge(caller.principal.tenant, params.account, params.amount_cents);
  }

  @SubscribeMessage('billing.balance')
  @Requires('billing:read')
  @Answers(AccountBalanceDto, { summary: 'What an account has been charged so far.', failures: ['not_found'] })
  balance(@MessageBody() params: BalanceDto, @FromCaller() caller: Caller): Balance {
    return this.ledger.balance(caller.principal.tenant, params.account);
  }
}
