// What a client can be told, and what it does unless told.
import type { CredentialOptions } from './credentials.js';
import { InvalidOptionError } from './errors.js';
import type { Encoding } from './incoming.js';
import {
  ABOVE_0,
  BOOLEAN,
  type Checks,
  isObject,
  NOT_BELOW_0,
  oneOf,
  refuseEach,
  refuseWrong,
  shown,
  TEXT,
  URL_,
} from './option-checks.js';

export interface ReconnectOptions {
  /** The first wait is a random part of this; each later one of twice as much as the one before. Default 500. */
  readonly baseMs?: number;
  /** The longest wait is a random part of this. Default 30,000. */
  readonly maxMs?: number;
  /** Attempts in a row after which the client gives up. Default: it does not. */
  readonly maxAttempts?: number;
}

export interface ConnectionOptions {
  /** `ws://…/ws` or `wss://…/ws`. */
  readonly url: string;
  /** What the client calls itself. */
  readonly name: string;
  /** The version of what calls itself so. Default `0.0.0`. */
  readonly version?: string;
  /** What requests are sent in, and so what answers and notifications come in. Default `json`. */
  readonly encoding?: Encoding;
  /** Whether messages of one turn of the event loop are sent together. Default false. */
  readonly batching?: boolean;
  /** Whether large frames are compressed where the server agrees; text never is. Default true. */
  readonly compression?: boolean;
  /** Whether messages are signed or encrypted with keys of the connection. `true`: frames are encrypted, text is signed. Default false. */
  readonly security?: boolean | 'sign' | 'encrypt';
  /** How long a request may take, waiting and repeating included; Infinity for no limit. Default 30,000. */
  readonly requestTimeoutMs?: number;
  /** How long one attempt to connect may take. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** False: the client is closed when its connection is lost. */
  readonly reconnect?: boolean | ReconnectOptions;
  /** Requests that may wait to be sent. Default 1,000. */
  readonly maxWaiting?: number;
  /** How long a request, and `connect` itself, waits for a connection. Default 60,000. */
  readonly maxWaitMs?: number;
  /** Whether the client keeps to the server's rate limit from the start. False: once it was refused for its rate. Default true. */
  readonly rateLimit?: boolean;
  /** After how long without a sign of life the server is asked for one. Default: the server's `ping_interval_ms`. */
  readonly idleMs?: number;
  /** After how long without an answer to that the connection is given up. Default 10,000. */
  readonly pongTimeoutMs?: number;
  /** The largest message taken from the server, inflated. Default 67,108,864. */
  readonly maxMessageBytes?: number;
}

export type ClientOptions = ConnectionOptions & CredentialOptions;

/** All of it, decided. */
export interface Settings {
  readonly url: string;
  readonly name: string;
  readonly version: string;
  readonly encoding: Encoding;
  readonly batching: boolean;
  readonly compression: boolean;
  readonly security: 'none' | 'sign' | 'encrypt';
  readonly requestTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly reconnect: Required<ReconnectOptions> | undefined;
  readonly maxWaiting: number;
  readonly maxWaitMs: number;
  readonly rateLimit: boolean;
  readonly idleMs: number | undefined;
  readonly pongTimeoutMs: number;
  readonly maxMessageBytes: number;
}

/** @throws InvalidOptionError for what is no option or no value of one, and for encrypted text, which there is not */
export function settle(options: ClientOptions): Settings {
  refuseBadOptions(options);
  const { encoding = 'json', security = false, reconnect } = options;
  if (security === 'encrypt' && encoding === 'json')
    throw new InvalidOptionError('security', 'text is signed, not encrypted: use encoding "binary" or security "sign"');
  return {
    url: options.url,
    name: options.name,
    version: options.version ?? '0.0.0',
    encoding,
    batching: options.batching ?? false,
    compression: options.compression ?? true,
    security: security === true ? (encoding === 'binary' ? 'encrypt' : 'sign') : security === false ? 'none' : security,
    requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
    reconnect: reconnect === false ? undefined : reconnecting(reconnect),
    maxWaiting: options.maxWaiting ?? 1_000,
    maxWaitMs: options.maxWaitMs ?? 60_000,
    rateLimit: options.rateLimit ?? true,
    idleMs: options.idleMs,
    pongTimeoutMs: options.pongTimeoutMs ?? 10_000,
    maxMessageBytes: options.maxMessageBytes ?? 67_108_864,
  };
}

function reconnecting(given: true | ReconnectOptions | undefined): Required<ReconnectOptions> {
  const { baseMs = 500, maxMs = 30_000, maxAttempts = Infinity } = given === true || given === undefined ? {} : given;
  return { baseMs, maxMs, maxAttempts };
}

const CHECKS: Checks<ClientOptions> = {
  url: URL_,
  name: TEXT,
  version: TEXT,
  // What is none is refused by who presents them, which does not say what they are.
  key: undefined,
  token: undefined,
  ticket: undefined,
  encoding: oneOf('json', 'binary'),
  batching: BOOLEAN,
  compression: BOOLEAN,
  security: oneOf(true, false, 'sign', 'encrypt'),
  requestTimeoutMs: ABOVE_0,
  connectTimeoutMs: ABOVE_0,
  reconnect: ['true, false or an object', (value) => typeof value === 'boolean' || isObject(value)],
  maxWaiting: ABOVE_0,
  maxWaitMs: ABOVE_0,
  rateLimit: BOOLEAN,
  idleMs: ABOVE_0,
  pongTimeoutMs: ABOVE_0,
  maxMessageBytes: ABOVE_0,
};
const RECONNECT_CHECKS: Checks<ReconnectOptions> = { baseMs: NOT_BELOW_0, maxMs: NOT_BELOW_0, maxAttempts: NOT_BELOW_0 };

/** @throws InvalidOptionError for the first that is no option, or no value of one */
function refuseBadOptions(options: ClientOptions): void {
  if (!isObject(options)) throw new InvalidOptionError('options', `options is an object with url and name, not ${shown(options)}`);
  refuseWrong('url', options.url, URL_);
  refuseWrong('name', options.name, TEXT);
  refuseEach(options, CHECKS, 'this client');
  const { hash } = new URL(options.url);
  if (hash !== '') throw new InvalidOptionError('url', `the url of a WebSocket has no fragment, and this one has ${shown(hash)}`);
  if (typeof options.reconnect === 'object') refuseEach(options.reconnect, RECONNECT_CHECKS, 'this client', 'reconnect.');
}
