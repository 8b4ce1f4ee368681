// Passport's strategy for JWTs: passport-jwt's, with jose in the place of jsonwebtoken, which knows neither EdDSA nor JWKS.
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-jwt';

import type { Authenticated } from './authenticated.js';
import type { CredentialRequest } from './credential.strategy.js';
import { JwtVerifier } from './jwt-verifier.js';

export const JWT_STRATEGY = 'mcpw-jwt';

type Done = (error: unknown, verified?: unknown) => void;
type Verify = (token: string, key: unknown, options: unknown, done: Done) => void;

// passport-jwt verifies with one function for the whole process. Tokens whose "key" is a verifier of ours go to that; those
// of other strategies, in a module that a team adds, go where they always went.
const library = Strategy as unknown as { JwtVerifier: Verify };
const verifyElsewhere = library.JwtVerifier;
library.JwtVerifier = (token, key, options, done) => {
  if (!(key instanceof JwtVerifier)) return verifyElsewhere(token, key, options, done);
  key.verify(token).then((authenticated) => done(null, authenticated), done);
};

@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy, JWT_STRATEGY) {
  constructor(verifier: JwtVerifier) {
    super({
      jwtFromRequest: ({ credential }: CredentialRequest) => credential.value,
      secretOrKeyProvider: (_request, _token, done) => done(null, verifier as never),
    });
  }

  override validate(authenticated: Authenticated): Authenticated {
    return authenticated;
  }
}
