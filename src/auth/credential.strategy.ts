// The shape of a passport strategy for a credential that was found already: `validate` gets its value, and answers undefined
// where it is of another kind, for the next strategy to try.
import passport from 'passport';

import type { Credential } from './credential.js';

/** What our strategies get for a request: passport adds members of its own to it, which the real one is spared. */
export interface CredentialRequest {
  readonly credential: Credential;
}

type Verify = (value: string, done: (error: unknown, user?: object) => void) => void;

export class CredentialStrategy extends passport.Strategy {
  constructor(private readonly verify: Verify) {
    super();
  }

  override authenticate(request: unknown): void {
    this.verify((request as CredentialRequest).credential.value, (error, user) => {
      if (error) this.error(error);
      else if (user) this.success(user);
      else this.fail();
    });
  }
}
