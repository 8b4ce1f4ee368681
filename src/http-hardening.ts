// What the HTTP side says to browsers (helmet), whose pages may use it (CORS), how long a request may take to arrive, and how many are
// taken at once.
import helmet, { type FastifyHelmetOptions } from '@fastify/helmet';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

import type { Config } from './config/config.js';
import { oneRequestATurn } from './http-turns.js';

/**
 * For the HTTP server itself. Node's own defaults let a request take five minutes, look every 30 s who is late, and wait two minutes for
 * a TLS handshake.
 */
export const PATIENCE = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
  handshakeTimeout: 10_000,
  /** All headers of a request together, bytes; past it 431. */
  maxHeaderSize: 16_384,
} as const;

/** Before any route is there: what comes after has these headers. */
export async function hardenHttp(app: NestFastifyApplication, { http, tls }: Config): Promise<void> {
  app.getHttpAdapter().getInstance().addHook('onRequest', oneRequestATurn());
  if (http.corsOrigins.length > 0) {
    app.enableCors({
      origin: http.corsOrigins.includes('*') ? '*' : [...http.corsOrigins],
      methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      exposedHeaders: ['Mcp-Session-Id', 'Retry-After', 'WWW-Authenticate'],
      credentials: false,
      maxAge: 600,
    });
  }
  await app.register(helmet, headers(tls.cert !== undefined));
}

/** The pages there are (/api/docs) load their own files, have styles and images inline, and ask this server. */
const headers = (isSecure: boolean): FastifyHelmetOptions => ({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      fontSrc: ["'self'", 'data:'],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  // Behind a proxy it is the proxy's to say.
  strictTransportSecurity: isSecure ? { maxAge: 31_536_000 } : false,
  referrerPolicy: { policy: 'no-referrer' },
});
