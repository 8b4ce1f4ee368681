// What REST and the command line show of API keys. All times are RFC 3339, null where there is none.
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

import type { ApiKey } from './api-key-store.js';

export class KeyView {
  @ApiProperty({ example: 'Fj3kQ0aZb81T' })
  id!: string;
  @ApiProperty()
  name!: string;
  @ApiProperty()
  tenant!: string;
  @ApiProperty({ type: [String] })
  scopes!: readonly string[];
  @ApiProperty({ format: 'date-time' })
  created_at!: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  expires_at!: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  revoked_at!: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'To the minute' })
  last_used_at!: string | null;
}

export class KeyListView {
  @ApiProperty({ type: [KeyView] })
  keys!: KeyView[];
  @ApiPropertyOptional()
  next_cursor?: string;
}

export class NewKeyView {
  @ApiProperty({ example: 'Fj3kQ0aZb81T' })
  id!: string;
  @ApiProperty({ description: 'The key itself: this is the only time that it is shown' })
  key!: string;
  @ApiProperty()
  name!: string;
  @ApiProperty()
  tenant!: string;
  @ApiProperty({ type: [String] })
  scopes!: readonly string[];
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  expires_at!: string | null;
}

export function keyView(key: ApiKey): KeyView {
  const { id, name, tenant, scopes } = key;
  return {
    id,
    name,
    tenant,
    scopes,
    created_at: new Date(key.createdAt).toISOString(),
    expires_at: timeOf(key.expiresAt),
    revoked_at: timeOf(key.revokedAt),
    last_used_at: timeOf(key.lastUsedAt),
  };
}

export function newKeyView(
  { id, name, tenant, scopes, expiresAt }: Pick<ApiKey, 'id' | 'name' | 'tenant' | 'scopes' | 'expiresAt'>,
  text: string,
): NewKeyView {
  return { id, key: text, name, tenant, scopes, expires_at: timeOf(expiresAt) };
}

const timeOf = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());
