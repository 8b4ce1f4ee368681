// API keys in the database, with those that are good in memory. Other processes change the table too (`npm run keys`): a timer
// looks for rows of a later revision, which costs a lookup in an index each second.
import { Inject, Injectable, Logger, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';

import { Clock } from '../extension/clock.js';
import { Failure } from '../extension/failure.js';
import { Database } from '../storage/database.js';
import { ActiveApiKeys } from './active-api-keys.js';
import type { ActiveApiKey, ApiKey, ApiKeyPage, ApiKeyStore } from './api-key-store.js';
import type { apiKeyWrites, ApiKeyTarget, NewApiKeyRow } from './api-key-writes.js';
import { CredentialEvents } from './credential-events.js';
import { KeyUses } from './key-uses.js';

type Writes = typeof apiKeyWrites;

export const LOOK_FOR_CHANGES_MS = 1_000;
export const WRITE_USES_MS = 60_000;
/** Rows read at a time: 500 take a millisecond or two. */
const CHANGES_AT_ONCE = 500;

const COLUMNS = 'seq, id, tenant, name, scopes, secret_hash, created_at, expires_at, revoked_at, last_used_at, revision';

interface Row {
  readonly seq: number;
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  /** JSON */
  readonly scopes: string;
  readonly secret_hash: Uint8Array;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly revoked_at: number | null;
  readonly last_used_at: number | null;
  readonly revision: number;
}

@Injectable()
export class SqlApiKeyStore implements ApiKeyStore, OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(SqlApiKeyStore.name);
  private readonly active: ActiveApiKeys;
  private readonly uses = new KeyUses();
  private readonly timers: NodeJS.Timeout[] = [];
  private seenRevision = 0;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Clock) private readonly clock: Clock,
    events: CredentialEvents,
  ) {
    this.active = new ActiveApiKeys(events);
    this.catchUp();
  }

  onModuleInit(): void {
    this.timers.push(
      setInterval(() => this.lookForChanges(), LOOK_FOR_CHANGES_MS).unref(),
      setInterval(() => void this.writeUses(), WRITE_USES_MS).unref(),
    );
  }

  async beforeApplicationShutdown(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await this.writeUses();
  }

  find(id: string): ActiveApiKey | undefined {
    return this.active.find(id);
  }

  noteUse(id: string): void {
    this.uses.note(id, this.clock.now());
  }

  list({ tenant, after = 0, limit }: { tenant?: string | undefined; after?: number | undefined; limit: number }): ApiKeyPage {
    const rows = (tenant === undefined
      ? this.database.prepare(`SELECT ${COLUMNS} FROM api_key WHERE seq > ? ORDER BY seq LIMIT ?`).all(after, limit + 1)
      : this.database
          .prepare(`SELECT ${COLUMNS} FROM api_key WHERE tenant = ? AND seq > ? ORDER BY seq LIMIT ?`)
          .all(tenant, after, limit + 1)) as unknown as Row[];
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return { keys: page.map((row) => this.keyOf(row)), ...(rows.length > limit && last !== undefined && { nextAfter: last.seq }) };
  }

  async add(key: NewApiKeyRow): Promise<void> {
    await this.database.write<Writes, 'apiKey.add'>('apiKey.add', key);
    this.lookForChanges();
  }

  async addFirstAdmin(key: NewApiKeyRow): Promise<boolean> {
    const isAdded = await this.database.write<Writes, 'apiKey.addFirstAdmin'>('apiKey.addFirstAdmin', key);
    this.lookForChanges();
    return isAdded;
  }

  async rotate(target: ApiKeyTarget, secretHash: Buffer): Promise<ApiKey> {
    await this.database.write<Writes, 'apiKey.rotate'>('apiKey.rotate', { ...target, secretHash });
    this.lookForChanges();
    return this.get(target.id);
  }

  async revoke(target: ApiKeyTarget): Promise<ApiKey> {
    await this.database.write<Writes, 'apiKey.revoke'>('apiKey.revoke', target);
    this.lookForChanges();
    return this.get(target.id);
  }

  /** Takes over what has changed since the last look, whoever changed it: this is how an own write gets into memory as well. */
  catchUp(): void {
    const changes = this.database.prepare(`SELECT ${COLUMNS} FROM api_key WHERE revision > ? ORDER BY revision LIMIT ${CHANGES_AT_ONCE}`);
    for (;;) {
      const rows = changes.all(this.seenRevision) as unknown as Row[];
      for (const row of rows) {
        this.seenRevision = row.revision;
        this.active.apply({
          id: row.id,
          tenant: row.tenant,
          scopes: JSON.parse(row.scopes) as string[],
          secretHash: Buffer.from(row.secret_hash),
          expiresAt: row.expires_at,
          isRevoked: row.revoked_at !== null,
        });
      }
      if (rows.length < CHANGES_AT_ONCE) return;
    }
  }

  /** Writes which keys were used. A failure waits for the next time. */
  async writeUses(): Promise<void> {
    const uses = this.uses.take();
    if (uses.length === 0) return;
    try {
      await this.database.write<Writes, 'apiKey.used'>('apiKey.used', uses);
    } catch (error) {
      this.uses.putBack(uses);
      this.logger.warn(`when keys were last used could not be written: ${(error as Error).message}`);
    }
  }

  /** As `catchUp`; a failure waits for the next look. */
  private lookForChanges(): void {
    try {
      this.catchUp();
    } catch (error) {
      this.logger.error(`changes of API keys could not be read: ${(error as Error).message}`);
    }
  }

  private get(id: string): ApiKey {
    const row = this.database.prepare(`SELECT ${COLUMNS} FROM api_key WHERE id = ?`).get(id) as unknown as Row | undefined;
    if (row === undefined) throw Failure.notFound(`key ${id}`);
    return this.keyOf(row);
  }

  private keyOf(row: Row): ApiKey {
    const lastUsedAt = this.uses.of(row.id) ?? row.last_used_at;
    return {
      id: row.id,
      tenant: row.tenant,
      name: row.name,
      scopes: JSON.parse(row.scopes) as string[],
      createdAt: row.created_at,
      ...(row.expires_at !== null && { expiresAt: row.expires_at }),
      ...(row.revoked_at !== null && { revokedAt: row.revoked_at }),
      ...(lastUsedAt !== null && { lastUsedAt }),
    };
  }
}
