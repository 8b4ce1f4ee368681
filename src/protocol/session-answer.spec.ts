import { decodeMsgpack, METHOD_NUMBERS } from '@mcpw/protocol';
import { describe, expect, it } from 'vitest';

import { SessionAnswer, SessionConstants, SessionPrincipal, type OwnMembers } from './session-answer.js';

const told = { version: '1', server: { name: 'mcpw', version: '0.1.0' }, limits: { rate: 16.67 }, methods: { ...METHOD_NUMBERS } };
const principal = { id: 'key:1', tenant: 'acme', scopes: ['tools:read'] };
const own: OwnMembers = { session_id: 's'.repeat(22), resume_token: 't'.repeat(43), resumed: false };

describe('the answer to initialize', () => {
  it.each<Partial<OwnMembers>>([
    {},
    { resumed: true },
    { compression: 'zstd' },
    { compression: 'gzip', security: { public_key: 'k'.repeat(43), nonce: 'n'.repeat(22) } },
  ])('says in both encodings what all are told, who the caller is, and what is the session’s own: %j', (others) => {
    const mine = { ...own, ...others };
    const answer = new SessionAnswer(new SessionConstants(told), new SessionPrincipal(principal), mine);
    const value = { ...told, principal, ...mine };
    expect(answer.toJSON()).toEqual(value);
    expect(decodeMsgpack(answer.bytes)).toEqual({ ok: true, value });
  });
});
