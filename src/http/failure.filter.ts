// Every error of REST as `{"error":{"code","message","data"?}}` with its status. Not for messages over /ws: those have the
// gateways' filter.
import { randomUUID } from 'node:crypto';
import { Catch, HttpException, Inject, Logger, Optional, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ErrorCode } from '@mcpw/protocol';

import { AuditLog, NO_AUDIT } from '../extension/audit-log.js';
import { Failure } from '../extension/failure.js';
import type { Principal } from '../extension/principal.js';
import { failureCode } from '../protocol/failure-code.js';
import { HTTP_STATUS, kindOfStatus } from './failure-status.js';

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const SERVER_ERROR = 500;

/** What is read of a request, where it came as far as its route. */
interface HttpRequest {
  readonly method: string;
  readonly ip?: string;
  readonly routeOptions?: { readonly url?: string };
  readonly authenticated?: { readonly principal: Principal };
}

@Catch()
export class FailureHttpFilter implements ExceptionFilter {
  private readonly logger = new Logger('Http');

  constructor(
    private readonly host: HttpAdapterHost,
    @Optional() @Inject(AuditLog) private readonly audit: AuditLog = NO_AUDIT,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const { httpAdapter } = this.host;
    const response = host.switchToHttp().getResponse<unknown>();
    const { status, body, headers } = this.answerTo(error);
    if (error instanceof Failure) this.record(error, host.switchToHttp().getRequest<HttpRequest>());
    if (httpAdapter.isHeadersSent(response)) return;
    for (const [name, value] of Object.entries(headers ?? {})) httpAdapter.setHeader(response, name, value);
    httpAdapter.reply(response, body, status);
  }

  /** That somebody may not. By the route as it is declared: what stands in the URL is the client's. */
  private record({ kind }: Failure, { method, routeOptions, authenticated, ip }: HttpRequest): void {
    if (kind !== 'forbidden' && kind !== 'rate_limited') return;
    const { tenant, id: principal } = authenticated?.principal ?? {};
    this.audit.record({ action: 'refuse', outcome: kind, tenant, principal, address: ip, target: `${method} ${routeOptions?.url ?? ''}` });
  }

  private answerTo(error: unknown): Answer {
    if (error instanceof Failure) return failureAnswer(error);
    const status = statusOf(error);
    if (status === undefined || status >= SERVER_ERROR) return deliberateBody(error) ?? this.unexpected(error);
    return deliberateBody(error) ?? failureAnswer(new Failure(kindOfStatus(status), withoutQuery((error as Error).message)), status);
  }

  /** The cause goes to the log, and a reference to it to the client. */
  private unexpected(error: unknown): Answer {
    const ref = randomUUID();
    this.logger.error(`${ref} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return { status: SERVER_ERROR, body: { error: { code: ErrorCode.SERVER_ERROR, message: 'server error', data: { ref } } } };
  }
}

function failureAnswer({ kind, message, data }: Failure, status = HTTP_STATUS[kind]): Answer {
  const retryAfterMs = data?.['retry_after_ms'];
  return {
    status,
    body: { error: { code: failureCode(kind), message, ...(data !== undefined && { data }) } },
    headers: {
      ...(status === HTTP_STATUS.authentication_failed && { 'WWW-Authenticate': 'Bearer' }),
      ...(typeof retryAfterMs === 'number' && { 'Retry-After': String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) }),
    },
  };
}

/** Of a route that is not there its URL is told, but not what may be a ticket in it. */
function withoutQuery(message: string): string {
  return message.replace(/^(Cannot [A-Z]+ [^?]*)\?.*/s, '$1');
}

/** Of Nest's exceptions and of Fastify's errors. */
function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  const { statusCode } = (error ?? {}) as { statusCode?: unknown };
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 600 ? statusCode : undefined;
}

/** A body that the thrower made, such as Terminus's report of what is down. Nest's own have a `statusCode`. */
function deliberateBody(error: unknown): Answer | undefined {
  if (!(error instanceof HttpException)) return undefined;
  const body = error.getResponse();
  return typeof body === 'object' && !('statusCode' in body) ? { status: error.getStatus(), body } : undefined;
}
