// Passport's strategy for API keys.
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';

import { ApiKeyVerifier } from './api-key-verifier.js';
import type { Authenticated } from './authenticated.js';
import { CredentialStrategy } from './credential.strategy.js';

export const API_KEY_STRATEGY = 'mcpw-api-key';

@Injectable()
export class ApiKeyStrategy extends PassportStrategy(CredentialStrategy, API_KEY_STRATEGY) {
  constructor(private readonly apiKeys: ApiKeyVerifier) {
    super();
  }

  override validate(text: string): Authenticated | undefined {
    return this.apiKeys.verify(text);
  }
}
