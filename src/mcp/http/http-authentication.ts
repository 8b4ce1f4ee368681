// Who makes a request to `/mcp`: looked into once for each TCP connection and credential, as it is for a WebSocket, and again when
// the credential has expired or any was revoked. Clients send theirs with every request.
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';

import { ANONYMOUS, type Authenticated } from '../../auth/authenticated.js';
import { AuthenticationAudit } from '../../auth/authentication-audit.js';
import { Authenticator } from '../../auth/authenticator.js';
import { CredentialEvents } from '../../auth/credential-events.js';
import { credentialOf } from '../../auth/credential.js';
import { Config } from '../../config/config.js';
import { Clock } from '../../extension/clock.js';
import { Failure } from '../../extension/failure.js';

interface Known {
  readonly token: string;
  readonly authenticated: Authenticated;
  /** Of revocations, when it was looked into. */
  readonly generation: number;
}

@Injectable()
export class HttpAuthentication implements OnModuleInit, OnModuleDestroy {
  private readonly bySocket = new WeakMap<Socket, Known>();
  private generation = 0;
  private stopListening: (() => void) | undefined;

  constructor(
    @Inject(Config) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
    private readonly authenticator: Authenticator,
    private readonly attempts: AuthenticationAudit,
    private readonly credentials: CredentialEvents,
  ) {}

  onModuleInit(): void {
    this.stopListening = this.credentials.onRevoked(() => this.generation++);
  }

  onModuleDestroy(): void {
    this.stopListening?.();
  }

  /**
   * @param address the client's, for slowing failures
   * @throws Failure, or rejects with one: `authentication_failed`, `rate_limited`, `unavailable`
   */
  authenticate(request: IncomingMessage, address: string): Authenticated | Promise<Authenticated> {
    const token = this.attempts.find(address, () => credentialOf(request))?.value;
    if (token === undefined) {
      if (!this.config.websocket.security.requireAuth) return ANONYMOUS;
      this.attempts.missing(address);
      throw new Failure('authentication_failed', 'a credential is needed: Authorization: Bearer <API key or token>');
    }
    const { socket } = request;
    const known = this.bySocket.get(socket);
    if (known !== undefined && known.token === token && this.isGood(known)) return known.authenticated;
    const { generation } = this;
    const outcome = this.authenticator.authenticate(token, address);
    const keep = (authenticated: Authenticated): Authenticated => {
      this.bySocket.set(socket, { token, authenticated, generation });
      return authenticated;
    };
    return outcome instanceof Promise ? outcome.then(keep) : keep(outcome);
  }

  private isGood({ authenticated: { expiresAt }, generation }: Known): boolean {
    return generation === this.generation && (expiresAt === undefined || expiresAt > this.clock.now());
  }
}
