// Params of `event.publish` (PROTOCOL.md §5).
import { Allow, IsString, Length } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

// No rule says of a member that it is there, and may be anything, also null.
@JSONSchema({ required: ['event', 'data'] })
export class PublishDto {
  @JSONSchema({ description: 'Dot-separated parts; `context.`, `tool.`, `agent.` and `server.` are the server’s own.' })
  @IsString()
  @Length(1, 256)
  event!: string;

  @JSONSchema({ description: 'Any JSON, also null.' })
  @Allow()
  data!: unknown;
}
