// Params of `event.subscribe` (PROTOCOL.md §5).
import { ArrayMaxSize, ArrayMinSize, IsArray, IsObject, IsOptional, IsString, Length } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

export class SubscribeDto {
  @JSONSchema({ description: 'Patterns over event names: `context.updated`, `context.*`, `billing.**`.' })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @IsString({ each: true })
  @Length(1, 256, { each: true })
  events!: string[];

  @JSONSchema({ description: 'A MongoDB-style match on the event’s data.' })
  @IsOptional()
  @IsObject()
  filter?: Record<string, unknown>;

  @JSONSchema({ description: 'A cursor, `earliest` or `latest`, the default.' })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  since?: string;
}
