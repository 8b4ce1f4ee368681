// Billing as a tool, for models that choose among tools: the same service, the same DTO, the same scope.
import { Injectable } from '@nestjs/common';

import { Contexts, Tool, type ContextSummary, type ToolCaller } from 'mcpw';
import { BalanceDto } from './balance.dto.js';
import { Ledger, type Balance } from './ledger.js';

@Injectable()
export class BillingTools {
  constructor(
    private readonly ledger: Ledger,
    private readonly contexts: Contexts,
  ) {}

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

  @Tool({
    name: 'billing_statement',
    description: 'Writes what an account has been charged so far into the shared context billing-statements, for other agents to read.',
    input: BalanceDto,
    scopes: ['billing:read', 'contexts:write'],
    annotations: { title: 'Statement of an account', readOnlyHint: false, destructiveHint: false },
  })
  statement(args: BalanceDto, caller: ToolCaller): Promise<ContextSummary> {
    const { account, charged_cents: cents } = this.ledger.balance(caller.principal.tenant, args.account);
    const content = `${account} was charged ${cents} cents`;
    return this.contexts.append(caller, { context_id: 'billing-statements', name: 'Statements', role: 'tool', content });
  }
}
