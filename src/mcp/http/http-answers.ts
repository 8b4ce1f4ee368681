// Responses of `/mcp` that are no streams, and the headers that go with all.
import type { IncomingMessage, ServerResponse } from 'node:http';

import { Injectable } from '@nestjs/common';

import { TrafficMeter } from '../../connection/traffic-meter.js';
import { Failure, type FailureKind } from '../../extension/failure.js';
import { errorText, RpcCode, type RpcId } from '../json-rpc.js';
import { rpcError } from '../rpc-error.js';
import { ResourceMetadata } from './resource-metadata.js';

type Headers = Readonly<Record<string, string>>;

const PLAIN: Headers = { 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store' };
const EXPOSED = 'Mcp-Session-Id, WWW-Authenticate, Retry-After';
const ALLOWED_HEADERS = 'authorization, content-type, x-api-key, last-event-id, mcp-session-id, mcp-protocol-version, mcp-method, mcp-name';
const PARAM_HEADER = /^mcp-param-[!#$%&'*+.^_`|~0-9a-z-]{1,128}$/i;
const PREFLIGHT_S = '600';

/** How long the rest of a request that is refused may go on coming. */
const DROPPED_MS = 1_000;

/** Of a request that gets as far as no call. */
const STATUSES: Partial<Readonly<Record<FailureKind, number>>> = {
  authentication_failed: 401,
  forbidden: 403,
  not_found: 404,
  too_large: 413,
  rate_limited: 429,
  unavailable: 503,
};

@Injectable()
export class HttpAnswers {
  constructor(
    private readonly meter: TrafficMeter,
    private readonly metadata: ResourceMetadata,
  ) {}

  /** Of every response to the request, whose origin may connect. */
  headersFor({ headers: { origin } }: IncomingMessage): Headers {
    if (origin === undefined) return PLAIN;
    return { ...PLAIN, 'Access-Control-Allow-Origin': origin, 'Access-Control-Expose-Headers': EXPOSED, Vary: 'Origin' };
  }

  json(response: ServerResponse, status: number, text: string, headers: Headers): void {
    const length = Buffer.byteLength(text);
    response.writeHead(status, { ...headers, 'Content-Type': 'application/json', 'Content-Length': length });
    response.end(text);
    this.meter.sent(1, length);
  }

  empty(response: ServerResponse, status: number, headers: Headers): void {
    response.writeHead(status, headers);
    response.end();
  }

  refuse(response: ServerResponse, status: number, message: string, headers: Headers, code: number = RpcCode.INVALID_REQUEST): void {
    this.meter.failed('invalid_message');
    this.json(response, status, errorText(undefined, { code, message }), headers);
  }

  /**
   * Refuses a request without reading it to its end. What still comes is dropped for a moment: a connection that is closed over bytes
   * that nobody read is reset, and the answer may go with it.
   */
  refuseUnread(request: IncomingMessage, response: ServerResponse, status: number, message: string, headers: Headers): void {
    this.meter.failed('too_large');
    const text = errorText(undefined, { code: RpcCode.INVALID_REQUEST, message });
    const length = Buffer.byteLength(text);
    response.writeHead(status, { ...headers, Connection: 'close', 'Content-Type': 'application/json', 'Content-Length': length });
    response.write(text);
    this.meter.sent(1, length);
    const end = (): void => {
      clearTimeout(timer);
      response.end();
    };
    const timer = setTimeout(end, DROPPED_MS).unref();
    request.once('end', end).once('close', end).resume();
  }

  /** @param error a `Failure`, or what nobody expected */
  fail(request: IncomingMessage, response: ServerResponse, error: unknown, headers: Headers, id?: RpcId): void {
    const failure = error instanceof Failure ? error : undefined;
    this.meter.failed(failure?.kind ?? 'server_error');
    const status = failure === undefined ? 500 : (STATUSES[failure.kind] ?? 400);
    const own = failure === undefined ? headers : { ...headers, ...this.headersOf(failure, request) };
    this.json(
      response,
      status,
      errorText(
        id,
        rpcError(error, 'legacy', () => ''),
      ),
      own,
    );
  }

  /** Headers that say a failure too. */
  headersOf({ kind, data }: Failure, request: IncomingMessage): Headers {
    const retryAfterMs = data?.['retry_after_ms'];
    const scope = data?.['scope'];
    return {
      ...(kind === 'authentication_failed' && { 'WWW-Authenticate': this.metadata.challenge(request) }),
      ...(kind === 'forbidden' && typeof scope === 'string' && { 'WWW-Authenticate': this.metadata.challenge(request, scope) }),
      ...(typeof retryAfterMs === 'number' && { 'Retry-After': String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) }),
    };
  }

  /** What a browser asks before it lets a page of another origin send its request. */
  preflight(request: IncomingMessage, response: ServerResponse, headers: Headers): void {
    const asked = request.headers['access-control-request-headers']?.split(',') ?? [];
    const params = asked.map((name) => name.trim()).filter((name) => PARAM_HEADER.test(name));
    this.empty(response, 204, {
      ...headers,
      'Access-Control-Allow-Methods': 'GET, POST, DELETE',
      'Access-Control-Allow-Headers': [ALLOWED_HEADERS, ...params].join(', '),
      'Access-Control-Max-Age': PREFLIGHT_S,
    });
  }
}
