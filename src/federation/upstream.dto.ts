// What the REST routes of upstreams take. No command: what this server runs is the operator's file's alone.
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsIn, IsInt, IsObject, IsOptional, IsString, Length, Matches, Max, MaxLength, Min } from 'class-validator';

import { TENANT_NAME, TENANT_NAME_RULE } from '../auth/names.js';

const SOURCE_NAME = /^[A-Za-z0-9_-]{1,64}$/;
const SOURCE_NAME_RULE = '1 to 64 of A-Za-z0-9_-';
const DAY_MS = 86_400_000;

export class AddUpstreamDto {
  @ApiProperty({ example: 'crm', description: `The first part of its tools' names: ${SOURCE_NAME_RULE}` })
  @IsString()
  @Matches(SOURCE_NAME, { message: `must be ${SOURCE_NAME_RULE}` })
  name!: string;

  @ApiProperty({ example: 'https://mcp.example.com/mcp', description: 'http(s) for Streamable HTTP, ws(s) for a WebSocket' })
  @IsString()
  @Length(1, 2048)
  url!: string;

  @ApiPropertyOptional({ enum: ['http', 'ws'], description: 'Told by the URL where it is not given' })
  @IsOptional()
  @IsIn(['http', 'ws'])
  type?: 'http' | 'ws';

  @ApiPropertyOptional({ example: { Authorization: 'Bearer …' }, description: 'Sent with every request; never shown again' })
  @IsOptional()
  @IsObject()
  headers?: Record<string, unknown>;

  @ApiPropertyOptional({ type: [String], description: 'Administrators of the tenant `default` only: who sees it. Without it: all tenants' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(1000)
  @IsString({ each: true })
  @Matches(TENANT_NAME, { each: true, message: `must each be ${TENANT_NAME_RULE}` })
  tenants?: string[];

  @ApiPropertyOptional({ type: [String], example: ['read_*'], description: 'Tools that are offered; `*` stands for any characters' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(1000)
  @IsString({ each: true })
  @MaxLength(256, { each: true })
  allow_tools?: string[];

  @ApiPropertyOptional({ type: [String] })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(1000)
  @IsString({ each: true })
  @MaxLength(256, { each: true })
  deny_tools?: string[];

  @ApiPropertyOptional({ description: 'Longest time of a call' })
  @IsOptional()
  @IsInt()
  @Min(10)
  @Max(DAY_MS)
  timeout_ms?: number;

  @ApiPropertyOptional({ description: 'Longest silence of a call: no answer and no progress' })
  @IsOptional()
  @IsInt()
  @Min(10)
  @Max(DAY_MS)
  idle_timeout_ms?: number;
}
