// HTTP to others: connections that pass an address guard, answers of a bounded size, redirects only within the origin, since the
// headers go along. Not what is said over it.
import {
  Agent,
  buildConnector,
  fetch as undiciFetch,
  type RequestInit as UndiciRequestInit,
  type Response as UndiciResponse,
} from 'undici';

import { Failure } from '../extension/failure.js';
import type { AddressGuard } from './address-guard.js';
import { type Inspection, limitedBody } from './limited-body.js';

export interface HttpCallerOptions {
  readonly guard: AddressGuard;
  readonly connectTimeoutMs: number;
  /** Of a whole answer; of a stream of events, of each. */
  readonly maxResponseBytes: number;
  readonly inspection?: Inspection;
}

const MAX_REDIRECTS = 3;
const MAX_SOCKETS = 128;
const KEEP_ALIVE_MS = 30_000;
/** Those that repeat the request as it was, and those that make a GET of it, which only a GET may. */
const REPEATING: ReadonlySet<number> = new Set([307, 308]);
const TURNING_TO_GET: ReadonlySet<number> = new Set([301, 302, 303]);
const WITHOUT_BODY: ReadonlySet<number> = new Set([101, 103, 204, 205, 304]);

export class HttpCaller {
  private readonly agent: Agent;

  constructor(private readonly options: HttpCallerOptions) {
    this.agent = new Agent({
      connect: guardedConnector(options),
      connections: MAX_SOCKETS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      // How long an answer may take is for the caller's signal to say: a stream of events may be silent for hours.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /**
   * As `fetch`; every request needs a signal of its own to be bounded in time.
   * @param refused is told why the body ends before its end: who reads it may not be
   * @throws Failure forbidden for a redirect to another origin; too_large, from the body as it is read
   */
  readonly fetch = async (
    input: string | URL | Request,
    init: RequestInit = {},
    refused?: (failure: Failure) => void,
  ): Promise<Response> => {
    let url = new URL(input instanceof Request ? input.url : input);
    for (let redirects = 0; ; redirects++) {
      this.options.guard.refuseLiteral(url.hostname);
      const response = await undiciFetch(url, { ...(init as unknown as UndiciRequestInit), redirect: 'manual', dispatcher: this.agent });
      const location = isRedirect(response.status, init.method) ? response.headers.get('location') : null;
      if (location === null) return this.limited(response, refused);
      await response.body?.cancel();
      url = redirected(url, location);
      if (redirects === MAX_REDIRECTS) throw new Failure('forbidden', `more than ${MAX_REDIRECTS} redirects`);
    }
  };

  /** Ends what is under way. */
  async close(): Promise<void> {
    await this.agent.destroy();
  }

  private limited({ body, status, statusText, headers }: UndiciResponse, refused?: (failure: Failure) => void): Response {
    // The encoding is undone already, and with it the length is another.
    const kept = new Headers([...headers].filter(([name]) => name !== 'content-encoding' && name !== 'content-length'));
    if (body === null || WITHOUT_BODY.has(status)) return new Response(null, { status, statusText, headers: kept });
    const isEventStream = headers.get('content-type')?.startsWith('text/event-stream') === true;
    const { maxResponseBytes: maxBytes, inspection } = this.options;
    const limited = limitedBody(body as ReadableStream<Uint8Array>, { maxBytes, inspection }, isEventStream, refused);
    return new Response(limited, { status, statusText, headers: kept });
  }
}

function guardedConnector({ guard, connectTimeoutMs }: HttpCallerOptions): buildConnector.connector {
  const connect = buildConnector({ lookup: guard.lookup, timeout: connectTimeoutMs, allowH2: false });
  return (options, done) => {
    try {
      guard.refuseLiteral(options.hostname);
    } catch (error) {
      done(error as Error, null);
      return;
    }
    connect(options, done);
  };
}

function isRedirect(status: number, method = 'GET'): boolean {
  return REPEATING.has(status) || (TURNING_TO_GET.has(status) && method === 'GET');
}

function redirected(from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (to?.origin === from.origin) return to;
  throw new Failure('forbidden', 'redirects to another origin are not followed');
}
