// Params of `context.search` (PROTOCOL.md §5).
import { IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

export class SearchContextsDto {
  @JSONSchema({ description: 'Words that must all occur, at most 32; `"some words"` in this order; `word*` for all that begin so.' })
  @IsString()
  @Length(1, 1_024)
  query!: string;

  @JSONSchema({ description: 'Default 20.' })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100)
  limit?: number;
}
