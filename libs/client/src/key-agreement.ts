// The client's half of a key agreement (protocol §4): an offer for `initialize`, and the keys from what the server answers.
import { fromBase64url, NONCE_BYTES, toBase64url, type KeyPair } from '@mcpw/protocol';

import { UnsupportedError } from './errors.js';
import { whenReady, type MaybePromise } from './maybe-promise.js';
import type { SecurityOffer } from './method-map.js';
import type { Channel, Platform } from './platform.js';

export class ClientKeyAgreement {
  private constructor(
    private readonly platform: Platform,
    private readonly pair: KeyPair,
    private readonly nonce: Uint8Array,
    private readonly credentialHash: Uint8Array,
  ) {}

  /**
   * @param secret the credential's exact bytes as text
   * @throws UnsupportedError where the platform has not the cryptography, as browsers on pages without https
   */
  static async begin(platform: Platform, secret: string): Promise<ClientKeyAgreement> {
    try {
      const pair = await platform.keyExchange.generateKeyPair();
      const credentialHash = await platform.hash(new TextEncoder().encode(secret));
      return new ClientKeyAgreement(platform, pair, platform.randomBytes(NONCE_BYTES), credentialHash);
    } catch (error) {
      throw new UnsupportedError(`security needs cryptography that is not here: ${String(error)}`, { cause: error });
    }
  }

  get offer(): SecurityOffer {
    return { public_key: toBase64url(this.pair.publicKey), nonce: toBase64url(this.nonce) };
  }

  /** @throws Error where the server answered with no keys, or with keys that are refused */
  agree(answer: SecurityOffer | undefined): MaybePromise<Channel> {
    const peerPublicKey = fromBase64url(answer?.public_key ?? '');
    const serverNonce = fromBase64url(answer?.nonce ?? '');
    if (answer === undefined || peerPublicKey === undefined || serverNonce === undefined) throw new Error('the server agreed on no keys');
    const { privateKey } = this.pair;
    const { nonce: clientNonce, credentialHash } = this;
    const agreement = { privateKey, peerPublicKey, credentialHash, clientNonce, serverNonce };
    return whenReady(this.platform.keyExchange.channel(agreement, 'client'), (channel) => {
      privateKey.fill(0);
      if (channel === undefined) throw new Error("the server's key is refused");
      return channel;
    });
  }
}
