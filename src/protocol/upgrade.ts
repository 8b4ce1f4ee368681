// From an HTTP request to a connection: who may come in, and as whom (PROTOCOL.md §1).
import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

import { Inject, Injectable, Logger } from '@nestjs/common';
import { normalizeIp, ThrottlerStorage } from '@nestjs/throttler';

import { ANONYMOUS, type Authenticated } from '../auth/authenticated.js';
import { ClientAddress } from '../auth/client-address.js';
import { upgradeCredentialOf } from '../auth/credential.js';
import { UpgradeAuthenticator } from '../auth/upgrade-authenticator.js';
import { Config } from '../config/config.js';
import type { Identity } from '../connection/connection.js';
import { ConnectionRegistry } from '../connection/connection-registry.js';
import { TrafficMeter } from '../connection/traffic-meter.js';
import { ENDPOINT_PATH } from '../extension/agent-gateway.decorator.js';
import { Failure } from '../extension/failure.js';
import { Draining } from '../connection/draining.js';
import { mayConnect } from './origin-policy.js';
import { RefusalAudit } from './refusal-audit.js';
import { REFUSALS, refuseUpgrade, type Refusal } from './upgrade-refusal.js';

/** Completes the handshake. `identity` is undefined where `initialize` is to say who it is. */
export type Accept = (request: IncomingMessage, socket: Duplex, head: Buffer, identity: Identity | undefined, address: string) => void;

const FULL_RETRY_S = 5;
const DRAINING_RETRY_S = 10;
const DRAINS = REFUSALS.unavailable('the server is draining', DRAINING_RETRY_S);
const MINUTE_MS = 60_000;

@Injectable()
export class Upgrade {
  private readonly logger = new Logger('Upgrade');

  constructor(
    @Inject(Config) private readonly config: Config,
    private readonly registry: ConnectionRegistry,
    private readonly draining: Draining,
    private readonly authenticator: UpgradeAuthenticator,
    @Inject(ThrottlerStorage) private readonly handshakes: ThrottlerStorage,
    private readonly addresses: ClientAddress,
    private readonly meter: TrafficMeter,
    private readonly audit: RefusalAudit,
  ) {}

  async handle(request: IncomingMessage, socket: Duplex, head: Buffer, accept: Accept): Promise<void> {
    // Until `ws` takes the socket over, a peer that resets it must not end the process.
    const onError = (): void => void socket.destroy();
    socket.on('error', onError);
    const refusal = this.precondition(request);
    if (refusal !== undefined) {
      if (refusal === REFUSALS.origin) this.audit.turnedAway(this.addresses.of(request), 'forbidden');
      refuseUpgrade(socket, refusal);
      return;
    }
    if (!this.registry.reserve()) {
      refuseUpgrade(socket, REFUSALS.unavailable('the server is full', FULL_RETRY_S));
      return;
    }
    try {
      const address = this.addresses.of(request);
      const verdict = await this.admit(request, address);
      if ('status' in verdict) {
        refuseUpgrade(socket, verdict);
        return;
      }
      if (socket.destroyed) return;
      socket.off('error', onError);
      accept(request, socket, head, verdict.identity, address);
    } catch (error) {
      this.logger.error(error);
      refuseUpgrade(socket, REFUSALS.failed);
    } finally {
      this.registry.release();
    }
  }

  private precondition(request: IncomingMessage): Refusal | undefined {
    const { websocket } = this.config;
    const url = request.url ?? '';
    const query = url.indexOf('?');
    if ((query < 0 ? url : url.slice(0, query)) !== ENDPOINT_PATH) return REFUSALS.notFound;
    if (!websocket.enabled) return REFUSALS.disabled;
    if (this.draining.isDraining) return DRAINS;
    if (!mayConnect(websocket.security, request)) return REFUSALS.origin;
    return undefined;
  }

  private async admit(request: IncomingMessage, address: string): Promise<Refusal | { identity: Identity | undefined }> {
    const verdict = (await this.throttle(address)) ?? (await this.identify(request));
    // A drain that has begun meanwhile does not know of this one.
    return this.draining.isDraining && 'identity' in verdict ? DRAINS : verdict;
  }

  private async throttle(address: string): Promise<Refusal | undefined> {
    const { enabled, handshakesPerMinute } = this.config.websocket.rateLimit;
    if (!enabled) return undefined;
    const { isBlocked, timeToBlockExpire } = await this.handshakes.increment(
      `handshake:${normalizeIp(address)}`,
      MINUTE_MS,
      handshakesPerMinute,
      MINUTE_MS,
      'handshake',
    );
    if (!isBlocked) return undefined;
    this.meter.refusedByRate('handshake');
    this.audit.turnedAway(address, 'rate_limited');
    return REFUSALS.rateLimited('too many handshakes', timeToBlockExpire * 1000);
  }

  private async identify(request: IncomingMessage): Promise<Refusal | { identity: Identity | undefined }> {
    try {
      const authenticated = await this.authenticator.authenticate(request);
      if (authenticated !== null) return { identity: identityOf(authenticated, upgradeCredentialOf(request)?.value ?? '') };
      return { identity: this.config.websocket.security.requireAuth ? undefined : identityOf(ANONYMOUS, '') };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.kind === 'rate_limited') return REFUSALS.rateLimited(error.message, Number(error.data?.['retry_after_ms'] ?? MINUTE_MS));
      if (error.kind === 'authentication_failed') return REFUSALS.unauthenticated(error.message);
      if (error.kind === 'unavailable') return REFUSALS.unavailable(error.message, FULL_RETRY_S);
      throw error;
    }
  }
}

/** Of credentials that are the same object each time they are shown, as an API key's is: all its connections share one. */
const identities = new WeakMap<Authenticated, Identity>();

/** @param token its exact bytes as text; only their hash is kept */
export function identityOf(authenticated: Authenticated, token: string): Identity {
  const credentialHash = hash('sha256', token, 'base64url');
  const known = identities.get(authenticated);
  if (known?.credentialHash === credentialHash) return known;
  const identity = identityWith(authenticated, credentialHash);
  identities.set(authenticated, identity);
  return identity;
}

/** @param credentialHash of the credential that the connection's keys are bound to */
export function identityWith({ principal, credential, expiresAt }: Authenticated, credentialHash: string): Identity {
  return { principal, credential: { kind: credential.kind, id: credential.id, expiresAt }, credentialHash };
}
