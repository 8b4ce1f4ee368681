import { expect, it } from 'vitest';

import type { OpenApiAuth } from '../config/openapi-source.js';
import { apiRedactor } from './api-secrets.js';

it.each<[OpenApiAuth, string]>([
  [{ type: 'bearer', token: 'token-of-ours' }, 'token-of-ours'],
  [{ type: 'basic', username: 'ada', password: 'correct-horse' }, 'correct-horse'],
  [{ type: 'basic', username: 'ada', password: 'correct-horse' }, 'YWRhOmNvcnJlY3QtaG9yc2U='],
  [{ type: 'apiKey', in: 'query', name: 'key', value: 'key-of-ours' }, 'key-of-ours'],
])('what proves this server by %j is not told, nor a header', (auth, secret) => {
  const redact = apiRedactor({ auth, headers: { 'X-Account': 'account-of-ours' } });
  expect(redact(`you sent ${secret} for account-of-ours`)).toBe('you sent [secret] for [secret]');
});
