/** Messages about the session itself. PROTOCOL.md §5, §6. */
import { defineShape } from '../msgpack/shape.js';
import type { MaybeRaw } from './tool-shapes.js';

/** An X25519 public key and 16 random bytes, base64url without padding. PROTOCOL.md §4. */
export interface SecurityOffer {
  public_key: string;
  nonce: string;
}

export interface InitializeParams {
  name: string;
  version: string;
  token?: string;
  capabilities?: { batch?: boolean; tools?: boolean };
  compression?: readonly string[];
  security?: SecurityOffer;
  resume?: { session_id: string; resume_token: string; cursors?: Record<string, string> };
}

export interface InitializeResult {
  version: '1';
  server: MaybeRaw<{ name: string; version: string }>;
  session_id: string;
  resume_token: string;
  resumed: boolean;
  principal: MaybeRaw<{ id: string; tenant: string; scopes: readonly string[] }>;
  capabilities: MaybeRaw<Record<string, unknown>>;
  limits: MaybeRaw<Limits>;
  /** Every method's number. The same for every client of a server: encode it once. */
  methods: MaybeRaw<Record<string, number>>;
  compression?: string;
  security?: SecurityOffer;
}

export interface Limits {
  max_message_size: number;
  max_batch: number;
  max_in_flight: number;
  /** Absent, as `burst`, where nothing is limited. */
  rate?: number;
  burst?: number;
  ping_interval_ms: number;
  compression_threshold: number;
}

const securityOffer = defineShape<SecurityOffer>({ public_key: 'value', nonce: 'value' });

export const initializeParams = defineShape<InitializeParams>({
  name: 'value',
  version: 'value',
  token: 'value',
  capabilities: defineShape<NonNullable<InitializeParams['capabilities']>>({ batch: 'value', tools: 'value' }),
  compression: 'value',
  security: securityOffer,
  resume: defineShape<NonNullable<InitializeParams['resume']>>({ session_id: 'value', resume_token: 'value', cursors: 'value' }),
});
const principal = defineShape<{ id: string; tenant: string; scopes: readonly string[] }>({ id: 'value', tenant: 'value', scopes: 'value' });
export const initializeResult = defineShape<InitializeResult>({
  version: 'value',
  server: 'value',
  session_id: 'value',
  resume_token: 'value',
  resumed: 'value',
  principal,
  capabilities: 'value',
  limits: 'value',
  methods: 'value',
  compression: 'value',
  security: securityOffer,
});
export const sessionAckParams = defineShape<{ cursors: Record<string, string> }>({ cursors: 'value' });
export const sessionAuthenticateParams = defineShape<{ token: string }>({ token: 'value' });
export const sessionAuthenticateResult = defineShape<{ expires_at?: string }>({ expires_at: 'value' });
