// Params of the notification `server.draining` (PROTOCOL.md §5), for the AsyncAPI document.
import { IsInt, Min } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

export class DrainingDto {
  @JSONSchema({ description: 'A jittered time of each client’s own.' })
  @IsInt()
  @Min(0)
  reconnect_in_ms!: number;
}
