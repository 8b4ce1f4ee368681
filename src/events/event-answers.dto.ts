// Results of the `event.*` methods (PROTOCOL.md §5), for the AsyncAPI document.
import { Equals, IsArray, IsString, Length } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

import type { SubscribeResult, UnsubscribeResult } from './event.service.js';

export class SubscribedDto implements SubscribeResult {
  @IsString()
  @Length(22, 22)
  subscription_id!: string;

  @JSONSchema({ description: 'The patterns, each once.' })
  @IsArray()
  @IsString({ each: true })
  subscribed!: string[];

  @JSONSchema({ description: 'Events after this one come.' })
  @IsString()
  cursor!: string;

  @Equals('active')
  status!: 'active';
}

export class UnsubscribedDto implements UnsubscribeResult {
  @JSONSchema({ description: 'Patterns that the connection is no longer subscribed to by what was ended.' })
  @IsArray()
  @IsString({ each: true })
  unsubscribed!: string[];

  @Equals('success')
  status!: 'success';
}

export class PublishedDto {
  @JSONSchema({ description: 'Its place in the log.' })
  @IsString()
  cursor!: string;
}
