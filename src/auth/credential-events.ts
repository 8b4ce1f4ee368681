// Tells that a credential is no longer good, so that what was opened with it can be closed. Not expiry: who holds on to an
// `Authenticated` knows its `expiresAt`.
import { Injectable, Logger } from '@nestjs/common';

import type { CredentialRef } from './authenticated.js';

export type RevocationListener = (credential: CredentialRef) => void;

@Injectable()
export class CredentialEvents {
  private readonly logger = new Logger(CredentialEvents.name);
  private readonly listeners = new Set<RevocationListener>();

  /** Called when a key is revoked or gets another secret. Returns the way to take it back. */
  onRevoked(listener: RevocationListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  revoked(credential: CredentialRef): void {
    for (const listener of this.listeners) {
      try {
        listener(credential);
      } catch (error) {
        this.logger.error(error); // the other listeners close theirs all the same
      }
    }
  }
}
