// Params of `event.unsubscribe` (PROTOCOL.md §5); neither member: all subscriptions of the connection.
import { ArrayMaxSize, ArrayMinSize, IsArray, IsOptional, IsString, Length } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

export class UnsubscribeDto {
  @IsOptional()
  @IsString()
  @Length(1, 64)
  subscription_id?: string;

  @JSONSchema({ description: 'Patterns, as they were subscribed.' })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @IsString({ each: true })
  @Length(1, 256, { each: true })
  events?: string[];
}
