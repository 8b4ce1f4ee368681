// What client and server agree on in `initialize` beyond plain messages: compression and keys (PROTOCOL.md §3, §4).
import { randomBytes } from 'node:crypto';

import { Inject, Injectable } from '@nestjs/common';
import { fromBase64url, NONCE_BYTES, toBase64url, type Compressor, type SecureChannel } from '@mcpw/protocol';
import { nodeCompressors, nodeKeyExchange } from '@mcpw/protocol/node';

import { Config } from '../config/config.js';
import type { Connection } from '../connection/connection.js';
import { Clock } from '../extension/clock.js';
import { Failure } from '../extension/failure.js';
import { Protection } from './protection.js';
import type { InitializeDto } from './session.dto.js';

export interface Agreement {
  readonly protection: Protection | undefined;
  /** Members of the answer. */
  readonly agreed: { compression?: string; security?: { public_key: string; nonce: string } };
}

@Injectable()
export class Negotiation {
  constructor(
    @Inject(Config) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** @throws Failure `signature_invalid` where keys are demanded and none came; `invalid_params` where what came is no key */
  agree(connection: Connection, { compression, security }: InitializeDto): Agreement {
    const { websocket } = this.config;
    if (security === undefined && websocket.security.hmacSignatures) {
      throw new Failure('signature_invalid', 'this server demands signatures: initialize with params.security');
    }
    const compressor = websocket.compression.enabled ? chooseCompressor(compression ?? []) : undefined;
    const secured = security === undefined ? undefined : secure(connection, security);
    if (compressor === undefined && secured === undefined) return { protection: undefined, agreed: {} };
    return {
      protection: new Protection(compressor, websocket.compression.thresholdBytes, secured?.channel, () => this.clock.now()),
      agreed: {
        ...(compressor === undefined ? {} : { compression: compressor.name }),
        ...(secured === undefined ? {} : { security: secured.answer }),
      },
    };
  }
}

/** The first of the client's that the server can. */
function chooseCompressor(offered: readonly string[]): Compressor | undefined {
  for (const name of offered) {
    const compressor = nodeCompressors.find((candidate) => candidate.name === name);
    if (compressor !== undefined) return compressor;
  }
  return undefined;
}

function secure(
  connection: Connection,
  security: NonNullable<InitializeDto['security']>,
): { channel: SecureChannel; answer: { public_key: string; nonce: string } } {
  const peerPublicKey = fromBase64url(security.public_key);
  const clientNonce = fromBase64url(security.nonce);
  const { identity } = connection;
  const credentialHash = identity === undefined ? undefined : fromBase64url(identity.credentialHash);
  const { publicKey, privateKey } = nodeKeyExchange.generateKeyPair();
  const serverNonce = randomBytes(NONCE_BYTES);
  const channel =
    peerPublicKey === undefined || clientNonce === undefined || credentialHash === undefined
      ? undefined
      : nodeKeyExchange.channel({ privateKey, peerPublicKey, credentialHash, clientNonce, serverNonce }, 'server');
  privateKey.fill(0);
  if (channel === undefined)
    throw Failure.invalidParams([{ path: '/security', message: 'is not an X25519 public key and a nonce of 16 bytes' }]);
  return { channel, answer: { public_key: toBase64url(publicKey), nonce: toBase64url(serverNonce) } };
}
