// From an API key to whose it is: synchronous, from memory, in three microseconds. SHA-256 and nothing slower: the secrets are
// 256 random bits, which no dictionary has.
import { timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';

import { Clock } from '../extension/clock.js';
import { AdminKey } from './admin-key.js';
import { parseApiKey } from './api-key-format.js';
import { ApiKeyStore } from './api-key-store.js';
import type { Authenticated } from './authenticated.js';
import { expired, refused } from './refusal.js';

/** Compared with where there is no such key, so that the time taken does not tell whether there is. */
const NO_HASH = Buffer.alloc(32);

@Injectable()
export class ApiKeyVerifier {
  constructor(
    @Inject(ApiKeyStore) private readonly store: ApiKeyStore,
    @Inject(Clock) private readonly clock: Clock,
    private readonly adminKey: AdminKey,
  ) {}

  /**
   * @returns undefined when the text is no API key: it may be another kind of credential
   * @throws Failure authentication_failed for one that is wrong, revoked or expired
   */
  verify(text: string): Authenticated | undefined {
    const parsed = parseApiKey(text);
    if (parsed === undefined) return this.adminKey.verify(text);
    const key = this.store.find(parsed.id);
    const isRight = timingSafeEqual(parsed.secretHash, key?.secretHash ?? NO_HASH);
    if (key === undefined || !isRight) {
      const admin = this.adminKey.verify(text);
      if (admin === undefined) throw refused('api_key_wrong');
      return admin;
    }
    const { authenticated } = key;
    if (authenticated.expiresAt !== undefined && authenticated.expiresAt <= this.clock.now()) throw expired('api_key_expired');
    this.store.noteUse(parsed.id);
    return authenticated;
  }
}
