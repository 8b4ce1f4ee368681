// `billing.*` on /ws: a handler each, one sentence each.
import { MessageBody, SubscribeMessage } from '@nestjs/websockets';

import { AgentGateway, FromCaller, Requires, type Caller } from 'mcpw';
import { BalanceDto } from './balance.dto.js';
import { ChargeDto } from './charge.dto.js';
import { Ledger, type Balance } from './ledger.js';

@AgentGateway()
export class BillingGateway {
  constructor(private readonly ledger: Ledger) {}

  @SubscribeMessage('billing.charge')
  @Requires('billing:write')
  charge(@MessageBody() params: ChargeDto, @FromCaller() caller: Caller): Promise<Balance> {
    return this.ledger.charge(caller.principal.tenant, params.account, params.amount_cents);
  }

  @SubscribeMessage('billing.balance')
  @Requires('billing:read')
  balance(@MessageBody() params: BalanceDto, @FromCaller() caller: Caller): Balance {
    return this.ledger.balance(caller.principal.tenant, params.account);
  }
}
