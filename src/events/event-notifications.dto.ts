// Params of the notifications that subscribers get (PROTOCOL.md §5), for the AsyncAPI document.
import { Allow, IsOptional, IsString } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

import { IsTimestamp } from '../validation/wire-rules.js';

// No rule says of a member that it is there, and may be anything, also null.
@JSONSchema({ required: ['subscription_id', 'event', 'data', 'timestamp'] })
export class EventDto {
  @IsString()
  subscription_id!: string;

  @IsString()
  event!: string;

  @JSONSchema({ description: 'Opaque; rises. Absent from events that are not in the log.' })
  @IsOptional()
  @IsString()
  cursor?: string;

  @JSONSchema({ description: 'Any JSON, also null.' })
  @Allow()
  data!: unknown;

  @IsTimestamp()
  timestamp!: string;
}

export class EventGapDto {
  @IsString()
  subscription_id!: string;

  @JSONSchema({ description: 'What came after this cursor is no longer in the log,' })
  @IsString()
  from!: string;

  @JSONSchema({ description: 'up to this one, which is gone too.' })
  @IsString()
  to!: string;
}
