// What REST shows of limits.
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

import { LIMIT_SCOPES, type Limit, type LimitScope } from './limit.js';

export class LimitView {
  @ApiProperty({ enum: LIMIT_SCOPES })
  scope!: LimitScope;
  @ApiProperty()
  tenant!: string;
  @ApiPropertyOptional({ description: 'The key’s id or the tool’s name' })
  name?: string;
  @ApiProperty()
  rate!: number;
  @ApiProperty()
  burst!: number;
  @ApiProperty({ format: 'date-time' })
  updated_at!: string;
}

export class LimitListView {
  @ApiProperty({ type: [LimitView] })
  limits!: LimitView[];
}

export function limitView({ scope, tenant, name, rate, burst, updatedAt }: Limit): LimitView {
  return { scope, tenant, ...(scope !== 'tenant' && { name }), rate, burst, updated_at: new Date(updatedAt).toISOString() };
}
