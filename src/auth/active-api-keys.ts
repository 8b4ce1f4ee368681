// The keys that are good, in memory, so that verifying one asks nobody. Not where they come from: sql-api-key-store.ts.
import type { ActiveApiKey } from './api-key-store.js';
import type { CredentialEvents } from './credential-events.js';

/** A row of the table as a change to what is in memory. */
export interface ApiKeyChange {
  readonly id: string;
  readonly tenant: string;
  readonly scopes: readonly string[];
  readonly secretHash: Buffer;
  readonly expiresAt: number | null;
  readonly isRevoked: boolean;
}

export class ActiveApiKeys {
  private readonly keys = new Map<string, ActiveApiKey>();

  constructor(private readonly events: CredentialEvents) {}

  find(id: string): ActiveApiKey | undefined {
    return this.keys.get(id);
  }

  /** Takes the change over. Who came with the key as it was is told of as revoked, unless it still is what it was. */
  apply(change: ApiKeyChange): void {
    const { id } = change;
    const before = this.keys.get(id);
    const now = change.isRevoked ? undefined : activeOf(change);
    if (before !== undefined && now !== undefined && isSame(before, now)) return;
    if (now === undefined) this.keys.delete(id);
    else this.keys.set(id, now);
    if (before !== undefined) this.events.revoked(before.authenticated.credential);
  }
}

function activeOf({ id, tenant, scopes, secretHash, expiresAt }: ApiKeyChange): ActiveApiKey {
  return {
    secretHash,
    // One object for all who come with this key: a handshake allocates nothing for it.
    authenticated: Object.freeze({
      principal: Object.freeze({ id: `key:${id}`, tenant, scopes: Object.freeze([...scopes]) }),
      credential: Object.freeze({ kind: 'api_key', id } as const),
      ...(expiresAt !== null && { expiresAt }),
    }),
  };
}

function isSame(a: ActiveApiKey, b: ActiveApiKey): boolean {
  return a.secretHash.equals(b.secretHash) && JSON.stringify(a.authenticated) === JSON.stringify(b.authenticated);
}
