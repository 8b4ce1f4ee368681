// What the REST routes of limits take.
import { IsInt, IsNumber, IsOptional, IsString, Matches, Max, Min } from 'class-validator';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

import { TENANT_NAME, TENANT_NAME_RULE } from '../auth/names.js';

export class SetLimitDto {
  @ApiProperty({
    example: 100,
    minimum: 0.001,
    maximum: 1_000_000_000,
    description: 'Messages (executions, of a tool) a second, on average',
  })
  @IsNumber()
  @Min(0.001)
  @Max(1_000_000_000)
  rate!: number;

  @ApiProperty({ example: 500, minimum: 1, maximum: 1_000_000_000, description: 'At once' })
  @IsInt()
  @Min(1)
  @Max(1_000_000_000)
  burst!: number;
}

export class OfTenantDto {
  @ApiPropertyOptional({ description: 'Whose; without it that of the caller' })
  @IsOptional()
  @IsString()
  @Matches(TENANT_NAME, { message: `must be ${TENANT_NAME_RULE}` })
  tenant?: string;
}
