// What proves this server to an API, so that what the API says in its errors does not tell it.
import type { OpenApiAuth, OpenApiSource } from '../config/openapi-source.js';
import { redactor, type Redact } from '../egress/redact.js';
import { basicCredentials } from './operation-request.js';

export const apiRedactor = ({ auth, headers }: Pick<OpenApiSource, 'auth' | 'headers'>): Redact =>
  redactor([...secretsOf(auth), ...Object.values(headers)]);

function secretsOf(auth: OpenApiAuth | undefined): string[] {
  switch (auth?.type) {
    case 'bearer':
      return [auth.token];
    case 'basic':
      return [auth.password, basicCredentials(auth)];
    case 'apiKey':
      return [auth.value];
    default:
      return [];
  }
}
