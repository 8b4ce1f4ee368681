// Result of `billing.charge` and `billing.balance`, for the AsyncAPI document.
import { IsInt, IsString, Min } from 'class-validator';

import type { Balance } from './ledger.js';

export class AccountBalanceDto implements Balance {
  @IsString()
  account!: string;

  @IsInt()
  @Min(0)
  charged_cents!: number;
}
