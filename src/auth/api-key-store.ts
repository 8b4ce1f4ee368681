// The port to where API keys are kept. Not what a key looks like (api-key-format.ts), nor who may make one (api-key.service.ts).
import type { Authenticated } from './authenticated.js';
import type { ApiKeyTarget, NewApiKeyRow } from './api-key-writes.js';

/** What is known of a key, but its secret. Times are milliseconds since the Unix epoch. */
export interface ApiKey {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly createdAt: number;
  readonly expiresAt?: number;
  readonly revokedAt?: number;
  readonly lastUsedAt?: number;
}

/** A key that is not revoked, as the verifier needs it. */
export interface ActiveApiKey {
  /** SHA-256 of the secret's text. */
  readonly secretHash: Buffer;
  readonly authenticated: Authenticated;
}

export interface ApiKeyPage {
  readonly keys: readonly ApiKey[];
  /** Where the next page starts; absent after the last. */
  readonly nextAfter?: number;
}

export interface ApiKeyStore {
  /** From memory. A change made by another process is seen within two seconds. */
  find(id: string): ActiveApiKey | undefined;
  /** Notes that the key was used. Written to the database later, at most once a minute. */
  noteUse(id: string): void;
  /** Oldest first, revoked ones too. @param after `nextAfter` of the page before */
  list(page: { tenant?: string | undefined; after?: number | undefined; limit: number }): ApiKeyPage;
  /** @throws Failure conflict when the tenant has as many keys as it may */
  add(key: NewApiKeyRow): Promise<void>;
  /** Adds the key unless its tenant has, or had, one with the scope `admin`. @returns whether it did */
  addFirstAdmin(key: NewApiKeyRow): Promise<boolean>;
  /** Gives the key another secret; the old one stops. @throws Failure not_found, conflict when it is revoked */
  rotate(target: ApiKeyTarget, secretHash: Buffer): Promise<ApiKey>;
  /** @throws Failure not_found */
  revoke(target: ApiKeyTarget): Promise<ApiKey>;
}
export const ApiKeyStore = Symbol('ApiKeyStore');
