// `/mcp`, MCP's Streamable HTTP in both eras: who may come in. What a request brings is mcp-requests.ts.
//
// It stands before the HTTP framework, on the server's own `request` event: middleware and routing for REST took more time for a
// request (measured: 45 µs) than all that is done here.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

import type { Authenticated } from '../../auth/authenticated.js';
import { ClientAddress } from '../../auth/client-address.js';
import { KnownSockets } from '../../auth/known-sockets.js';
import { Config } from '../../config/config.js';
import { Draining } from '../../connection/draining.js';
import { Failure } from '../../extension/failure.js';
import { RateLimiter } from '../../protocol/rate-limiter.js';
import { RefusalAudit } from '../../protocol/refusal-audit.js';
import { HostPolicy } from './host-policy.js';
import { HttpAnswers } from './http-answers.js';
import { HttpAuthentication } from './http-authentication.js';
import { HttpPeers } from './http-peers.js';
import { McpRequests } from './mcp-requests.js';
import { MCP_PATH } from './resource-metadata.js';
import { UNSIGNED } from '../unsigned.js';

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

const DRAINING_RETRY_MS = 10_000;

@Injectable()
export class McpEndpoint implements OnModuleInit {
  private readonly logger = new Logger('Mcp');

  constructor(
    @Inject(Config) private readonly config: Config,
    private readonly host: HttpAdapterHost,
    private readonly policy: HostPolicy,
    private readonly draining: Draining,
    private readonly authentication: HttpAuthentication,
    private readonly addresses: ClientAddress,
    private readonly peers: HttpPeers,
    private readonly limiter: RateLimiter,
    private readonly answers: HttpAnswers,
    private readonly requests: McpRequests,
    private readonly audit: RefusalAudit,
    private readonly known: KnownSockets,
  ) {}

  onModuleInit(): void {
    if (!this.config.mcp.enabled) return;
    if (this.config.websocket.security.hmacSignatures) this.logger.warn(`MCP clients are refused: ${UNSIGNED}`);
    const server = this.host.httpAdapter.getHttpServer() as Server;
    // The framework's own is the one that the server was made with. Others only watch, and are to see every request.
    const [framework] = server.listeners('request') as [Listener];
    server.removeListener('request', framework);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      if (isOurs(request.url)) this.handle(request, response);
      else framework.call(server, request, response);
    });
  }

  private handle(request: IncomingMessage, response: ServerResponse): void {
    // A client that goes away is no trouble of ours.
    response.on('error', () => response.destroy());
    const problem = this.policy.problemOf(request) ?? (this.config.websocket.security.hmacSignatures ? UNSIGNED : undefined);
    if (problem !== undefined) {
      this.audit.turnedAway(this.addresses.of(request), 'forbidden');
      this.answers.refuse(response, 403, problem, {});
      return;
    }
    const headers = this.answers.headersFor(request);
    if (request.method === 'OPTIONS') {
      this.answers.preflight(request, response, headers);
      return;
    }
    const failed = (error: unknown): void => {
      if (!(error instanceof Failure)) this.logger.error(error);
      this.answers.fail(request, response, error, headers);
    };
    try {
      if (this.draining.isDraining) throw new Failure('unavailable', 'the server is draining', { retry_after_ms: DRAINING_RETRY_MS });
      const address = this.addresses.of(request);
      const who = this.authentication.authenticate(request, address);
      if (who instanceof Promise) who.then((known) => this.admit(request, response, known, address, headers)).catch(failed);
      else this.admit(request, response, who, address, headers);
    } catch (error) {
      failed(error);
    }
  }

  private admit(
    request: IncomingMessage,
    response: ServerResponse,
    who: Authenticated,
    address: string,
    headers: Readonly<Record<string, string>>,
  ): void {
    if (response.destroyed) return;
    this.known.add(request.socket);
    const peer = this.peers.of(request.socket, who.principal, address);
    const limited = this.limiter.admit(peer, performance.now());
    if (limited !== undefined) {
      this.audit.refused(peer, limited.kind, '');
      throw limited;
    }
    this.requests.handle({ request, response, who, peer, headers });
  }
}

function isOurs(url: string | undefined): boolean {
  if (url === undefined || !url.startsWith(MCP_PATH)) return false;
  return url.length === MCP_PATH.length || url[MCP_PATH.length] === '?';
}
