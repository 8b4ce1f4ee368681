// Params of `event.publish` (PROTOCOL.md §5).
import { Allow, IsString, Length } from 'class-validator';

export class PublishDto {
  /** Dot-separated parts; `context.`, `tool.`, `agent.` and `server.` are the server's own. */
  @IsString()
  @Length(1, 256)
  event!: string;

  /** Any JSON, also null; that there is some is asked by the service: a schema of anything cannot. */
  @Allow()
  data!: unknown;
}
