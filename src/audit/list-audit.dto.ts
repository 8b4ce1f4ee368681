// What the REST route of the audit log takes.
import { IsInt, IsOptional, IsRFC3339, IsString, Length, Max, MaxLength, Min } from 'class-validator';
import { ApiPropertyOptional } from '@nestjs/swagger';

export class ListAuditDto {
  @ApiPropertyOptional({ description: 'Only of this tenant. Others than their own are empty to admins of a tenant.' })
  @IsOptional()
  @IsString()
  @Length(1, 128)
  tenant?: string;

  @ApiPropertyOptional({ example: 'key:Fj3kQ0aZb81T', description: 'Who did it' })
  @IsOptional()
  @IsString()
  @Length(1, 512)
  principal?: string;

  @ApiPropertyOptional({ example: 'tool.execute' })
  @IsOptional()
  @IsString()
  @Length(1, 128)
  action?: string;

  @ApiPropertyOptional({ example: 'forbidden', description: '`ok`, `completed`, `failed`, or why it was refused' })
  @IsOptional()
  @IsString()
  @Length(1, 128)
  outcome?: string;

  @ApiPropertyOptional({ description: 'What it was done to: a tool, a method, the id of a key' })
  @IsOptional()
  @IsString()
  @Length(1, 256)
  target?: string;

  @ApiPropertyOptional({ format: 'date-time' })
  @IsOptional()
  @IsString()
  @MaxLength(64)
  @IsRFC3339()
  since?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Not itself' })
  @IsOptional()
  @IsString()
  @MaxLength(64)
  @IsRFC3339()
  until?: string;

  @ApiPropertyOptional({ default: 100, minimum: 1, maximum: 1000 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1000)
  limit?: number;

  @ApiPropertyOptional({ description: '`next_cursor` of the page before' })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  cursor?: string;
}
