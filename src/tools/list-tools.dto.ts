// Params of `tool.list` (PROTOCOL.md §5).
import { IsInt, IsOptional, IsString, Length, Max, MaxLength, Min } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

export class ListToolsDto {
  @JSONSchema({ description: 'Ranks by fit with names and descriptions.' })
  @IsOptional()
  @IsString()
  @MaxLength(256)
  query?: string;

  @JSONSchema({ description: 'Only tools of this source, e.g. `local`.' })
  @IsOptional()
  @IsString()
  @Length(1, 128)
  source?: string;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1000)
  limit?: number;

  @JSONSchema({ description: '`next_cursor` of the page before.' })
  @IsOptional()
  @IsString()
  @Length(1, 512)
  cursor?: string;
}
