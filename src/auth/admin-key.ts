// The key that an operator starts with: the one given in the configuration, or one made at the first start. Not the other keys
// with the scope `admin`: those are keys like any other.
import { hash, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';

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
export class AdminKey implements OnModuleInit {
  /** Of the configured key, which is never in the database: with another one in the configuration it is good no longer. */
  private readonly configuredHash: Buffer | undefined;
  private made: string | undefined;

  constructor(
    @Inject(Config) { auth }: Config,
    @Inject(ApiKeyStore) private readonly store: ApiKeyStore,
  ) {
    if (auth.adminKey !== undefined) this.configuredHash = hash('sha256', auth.adminKey, 'buffer');
  }

  /** Makes an admin key where none is configured and the database never had one. */
  async onModuleInit(): Promise<void> {
    if (this.configuredHash !== undefined) return;
    const { id, secretHash, text } = makeApiKey();
    if (await this.store.addFirstAdmin({ id, secretHash, tenant: OPERATOR_TENANT, name: 'admin', scopes: ['admin'] })) this.made = text;
  }

  /** The key that this start made, in the clear, to be shown once; undefined when none was made, and after the first call. */
  takeMade(): string | undefined {
    const { made } = this;
    this.made = undefined;
    return made;
  }

  /** @returns undefined when it is not the configured admin key */
  verify(text: string): Authenticated | undefined {
    if (this.configuredHash === undefined) return undefined;
    return timingSafeEqual(hash('sha256', text, 'buffer'), this.configuredHash) ? CONFIGURED : undefined;
  }
}
