// Params of `billing.charge`.
import { IsInt, IsString, Length, Max, Min } from 'class-validator';

export class ChargeDto {
  @IsString()
  @Length(1, 64)
  account!: string;

  @IsInt()
  @Min(1)
  @Max(100_000_00)
  amount_cents!: number;
}
