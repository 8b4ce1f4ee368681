// API keys made over REST, as an operator would.
import type { TestServer } from './start-server.js';

export interface TestKey {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly tenant: string;
  readonly scopes: readonly string[];
  readonly expires_at?: string;
}

export const ALL_SCOPES = [
  'tools:read',
  'tools:execute',
  'tools:register',
  'contexts:read',
  'contexts:write',
  'events:read',
  'events:publish',
] as const;

let made = 0;

export async function createKey(
  server: TestServer,
  {
    scopes = ALL_SCOPES,
    tenant = 'default',
    name = `test-key-${++made}`,
    expires_at,
  }: { scopes?: readonly string[]; tenant?: string; name?: string; expires_at?: string } = {},
): Promise<TestKey> {
  const answer = await server.rest('POST', '/api/v1/keys', { name, tenant, scopes, expires_at });
  if (answer.status !== 201) throw new Error(`no key: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body as TestKey;
}
