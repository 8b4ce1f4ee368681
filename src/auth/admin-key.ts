// The key that an operator starts with: the one given in the configuration, or one made at the first start. Not the other keys
// with the scope `admin`: those are keys like any other.
import { hash, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';

import { Config } from '../config/config.js';
import { makeApiKey } from './api-key-format.js';
import { ApiKeyStore } from './api-key-store.js';
import { OPERATOR_TENANT, type Authenticated } from './authenticated.js';

/** No key in the table has this id: theirs have twelve characters. */
const CONFIGURED_ID = 'admin';

const CONFIGURED: Authenticated = Object.freeze({
  principal: Object.freeze({ id: `key:${CONFIGURED_ID}`, tenant: OPERATOR_TENANT, scopes: Object.freeze(['admin']) }),
  credential: Object.freeze({ kind: 'api_key', id: CONFIGURED_ID } as const),
});

@Injectable()
export class AdminKey {
  /** Of the configured key, which is never in the database: with another one in the configuration it is good no longer. */
  private readonly configuredHash: Buffer | undefined;

  constructor(
    @Inject(Config) { auth }: Config,
    @Inject(ApiKeyStore) private readonly store: ApiKeyStore,
  ) {
    if (auth.adminKey !== undefined) this.configuredHash = hash('sha256', auth.adminKey, 'buffer');
  }

  /**
   * Makes an admin key where none is configured and the database never had one. To be called once the server listens: a start
   * that fails would leave behind a key that nobody saw.
   * @returns the key in the clear, to be shown once; undefined when none was made
   */
  async makeFirst(): Promise<string | undefined> {
    if (this.configuredHash !== undefined) return undefined;
    const { id, secretHash, text } = makeApiKey();
    const isMade = await this.store.addFirstAdmin({ id, secretHash, tenant: OPERATOR_TENANT, name: 'admin', scopes: ['admin'] });
    return isMade ? text : undefined;
  }

  /** @returns undefined when it is not the configured admin key */
  verify(text: string): Authenticated | undefined {
    if (this.configuredHash === undefined) return undefined;
    return timingSafeEqual(hash('sha256', text, 'buffer'), this.configuredHash) ? CONFIGURED : undefined;
  }
}
