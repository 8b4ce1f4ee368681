// Params of the methods that are about the session itself (PROTOCOL.md §5).
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  Length,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

import { IsRequestId } from '../validation/wire-rules.js';

const LONGEST_TOKEN = 8192;

export class CapabilitiesDto {
  @JSONSchema({ description: 'Whether the client takes batches.' })
  @IsOptional()
  @IsBoolean()
  batch?: boolean;

  @JSONSchema({ description: 'Whether the client offers tools.' })
  @IsOptional()
  @IsBoolean()
  tools?: boolean;
}

export class SecurityDto {
  @JSONSchema({ description: 'X25519, 32 bytes, base64url.' })
  @IsString()
  @Length(43, 43)
  public_key!: string;

  @JSONSchema({ description: '16 random bytes, base64url.' })
  @IsString()
  @Length(22, 22)
  nonce!: string;
}

export class ResumeDto {
  @IsString()
  @Length(1, 128)
  session_id!: string;

  @IsString()
  @Length(1, 128)
  resume_token!: string;

  @JSONSchema({ description: 'Subscription id → the last cursor that was seen.' })
  @IsOptional()
  @IsObject()
  cursors?: Record<string, string>;
}

export class InitializeDto {
  @IsString()
  @Length(1, 256)
  name!: string;

  @IsString()
  @MaxLength(128)
  version!: string;

  @IsOptional()
  @IsString()
  @MaxLength(LONGEST_TOKEN)
  token?: string;

  @IsOptional()
  @ValidateNested()
  @Type(() => CapabilitiesDto)
  capabilities?: CapabilitiesDto;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(16)
  @IsString({ each: true })
  compression?: string[];

  @IsOptional()
  @ValidateNested()
  @Type(() => SecurityDto)
  security?: SecurityDto;

  @IsOptional()
  @ValidateNested()
  @Type(() => ResumeDto)
  resume?: ResumeDto;
}

export class AuthenticateDto {
  @IsString()
  @Length(1, LONGEST_TOKEN)
  token!: string;
}

export class AcknowledgeDto {
  @JSONSchema({ description: 'Subscription id → cursor.' })
  @IsObject()
  cursors!: Record<string, string>;
}

export class CancelDto {
  @IsRequestId()
  request_id!: string | number;
}

export class ProgressDto {
  @IsRequestId()
  request_id!: string | number;

  @IsNumber()
  progress!: number;

  @IsOptional()
  @IsNumber()
  total?: number;

  @IsOptional()
  @IsString()
  @MaxLength(4096)
  message?: string;
}
