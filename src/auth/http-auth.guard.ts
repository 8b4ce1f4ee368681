// Who makes a REST request, and whether they may. A credential is needed whatever `require_auth` says: that is for agents.
import type { IncomingMessage } from 'node:http';
import { createParamDecorator, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';

import { Failure } from '../extension/failure.js';
import { holdsScope } from '../extension/principal.js';
import { OPERATOR_TENANT, type Authenticated } from './authenticated.js';
import { AuthenticationAudit } from './authentication-audit.js';
import { ClientAddress } from './client-address.js';
import { CredentialPassport } from './credential-passport.js';
import { credentialOf } from './credential.js';
import { HTTP_OPERATOR, HTTP_SCOPE } from './http-scope.decorator.js';
import { KnownSockets } from './known-sockets.js';

/** A request of the HTTP adapter: Fastify's has Node's own within. */
interface HttpRequest {
  readonly raw: IncomingMessage;
  authenticated?: Authenticated;
}

@Injectable()
export class HttpAuthGuard implements CanActivate {
  constructor(
    private readonly passport: CredentialPassport,
    private readonly addresses: ClientAddress,
    private readonly reflector: Reflector,
    private readonly attempts: AuthenticationAudit,
    private readonly known: KnownSockets,
  ) {}

  /** @throws Failure authentication_failed without a credential or with a wrong one, forbidden without the scope */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<HttpRequest>();
    const address = this.addresses.of(request.raw);
    const credential = this.attempts.find(address, () => credentialOf(request.raw));
    if (credential === null) {
      this.attempts.missing(address);
      throw new Failure('authentication_failed', 'a credential is needed: Authorization: Bearer <API key or JWT>');
    }
    request.authenticated = await this.passport.authenticate(credential, address);
    this.known.add(request.raw.socket);
    const { principal } = request.authenticated;
    const route = [context.getHandler(), context.getClass()];
    const scope = this.reflector.getAllAndOverride<string | undefined>(HTTP_SCOPE, route);
    if (scope !== undefined && !holdsScope(principal, scope)) throw Failure.forbidden(scope);
    if (principal.tenant !== OPERATOR_TENANT && this.reflector.getAllAndOverride<true | undefined>(HTTP_OPERATOR, route) === true) {
      throw new Failure('forbidden', `is for the tenant ${OPERATOR_TENANT}`, { ...(scope !== undefined && { scope }) });
    }
    return true;
  }
}

/** Parameter decorator of a guarded route: the `Authenticated` who makes the request. */
export const FromHttpCaller = createParamDecorator(
  (_: unknown, context: ExecutionContext): Authenticated | undefined => context.switchToHttp().getRequest<HttpRequest>().authenticated,
);
