// Results of the methods that are about the session itself (PROTOCOL.md §5), for the AsyncAPI document.
import { Type } from 'class-transformer';
import { Equals, IsArray, IsBoolean, IsIn, IsInt, IsNumber, IsObject, IsOptional, IsString, Min, ValidateNested } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

import { IsTimestamp } from '../validation/wire-rules.js';
import { SecurityDto } from './session.dto.js';

export class ServerNameDto {
  @IsString()
  name!: string;

  @IsString()
  version!: string;
}

export class PrincipalDto {
  @IsString()
  id!: string;

  @IsString()
  tenant!: string;

  @IsArray()
  @IsString({ each: true })
  scopes!: string[];
}

export class ServerCapabilitiesDto {
  @JSONSchema({ description: 'Whether clients that take batches are sent some.' })
  @IsBoolean()
  batch!: boolean;

  @IsBoolean()
  tools!: boolean;
}

export class SessionLimitsDto {
  @JSONSchema({ description: 'Bytes.' })
  @IsInt()
  @Min(1)
  max_message_size!: number;

  @IsInt()
  @Min(1)
  max_batch!: number;

  @IsInt()
  @Min(1)
  max_in_flight!: number;

  @JSONSchema({ description: 'Messages a second. Absent where nothing is limited.' })
  @IsOptional()
  @IsNumber()
  rate?: number;

  @JSONSchema({ description: 'Messages at once. Absent where nothing is limited.' })
  @IsOptional()
  @IsNumber()
  burst?: number;

  @IsInt()
  @Min(1)
  ping_interval_ms!: number;

  @JSONSchema({ description: 'Bytes from which on payloads may be compressed.' })
  @IsInt()
  @Min(0)
  compression_threshold!: number;
}

export class InitializedDto {
  @Equals('1')
  version!: '1';

  @ValidateNested()
  @Type(() => ServerNameDto)
  server!: ServerNameDto;

  @IsString()
  session_id!: string;

  @JSONSchema({ description: 'Good for 10 min after a disconnect.' })
  @IsString()
  resume_token!: string;

  @IsBoolean()
  resumed!: boolean;

  @ValidateNested()
  @Type(() => PrincipalDto)
  principal!: PrincipalDto;

  @ValidateNested()
  @Type(() => ServerCapabilitiesDto)
  capabilities!: ServerCapabilitiesDto;

  @ValidateNested()
  @Type(() => SessionLimitsDto)
  limits!: SessionLimitsDto;

  @JSONSchema({ additionalProperties: { type: 'integer', minimum: 1 }, description: 'Every method’s number in binary frames.' })
  @IsObject()
  methods!: Record<string, number>;

  @JSONSchema({ description: 'What both compress with from now on: the first of the client’s that the server can.' })
  @IsOptional()
  @IsIn(['gzip', 'zstd'])
  compression?: string;

  @IsOptional()
  @ValidateNested()
  @Type(() => SecurityDto)
  security?: SecurityDto;
}

export class AuthenticatedDto {
  @JSONSchema({ description: 'Of a JWT its `exp` and a tolerance of 5 s.' })
  @IsOptional()
  @IsTimestamp()
  expires_at?: string;
}

export class CancelledDto {
  @JSONSchema({ description: 'Whether there was such a request, not yet answered.' })
  @IsBoolean()
  cancelled!: boolean;
}

/** There is nothing to say. */
export class EmptyDto {}
