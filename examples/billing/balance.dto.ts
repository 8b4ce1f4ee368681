// Params of `billing.balance`, and arguments of the tool `billing_balance`.
import { IsString, Length } from 'class-validator';

export class BalanceDto {
  @IsString()
  @Length(1, 64)
  account!: string;
}
