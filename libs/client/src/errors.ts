// What can go wrong, each by a name of its own. An error of the server's is an `McpwError`; all others are the client's.
import { ERROR_NAMES, ErrorCode, type WireError } from '@mcpw/protocol';

/** The catalog's names: `not_found`, `rate_limited`, … (protocol §7). */
export type McpwErrorName = Lowercase<keyof typeof ErrorCode> | 'unknown_error';

const NAMES = new Map<number, McpwErrorName>(Object.entries(ErrorCode).map(([name, code]) => [code, name.toLowerCase() as McpwErrorName]));

/** The server's answer to a request was an error. */
export class McpwError extends Error {
  override readonly name: McpwErrorName;

  /**
   * @param code of the catalog: `ErrorCode.NOT_FOUND` is 4009
   * @param data as the catalog says for the code, e.g. `{retry_after_ms, scope}` of `rate_limited`
   */
  constructor(
    readonly code: number,
    message: string = ERROR_NAMES[code as ErrorCode] ?? `error ${code}`,
    readonly data?: unknown,
  ) {
    super(message);
    this.name = NAMES.get(code) ?? 'unknown_error';
  }

  static of({ code, message, data }: WireError): McpwError {
    return new McpwError(code, message, data);
  }
}

/** The connection ended, and with it what depended on it: the request may or may not have run. */
export class ConnectionLostError extends Error {
  override readonly name = 'ConnectionLostError';

  /** @param closeCode of the WebSocket, where there was one */
  constructor(
    message: string,
    readonly closeCode?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The server answered the upgrade with something other than a WebSocket (protocol §1). */
export class UpgradeRefusedError extends Error {
  override readonly name = 'UpgradeRefusedError';

  /** @param status of HTTP; `code` and the message are those of the answer's body, where it had one */
  constructor(
    readonly status: number,
    message: string,
    readonly code?: number,
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }
}

/** What the program gave cannot be meant: it is a mistake in its text, and trying again does not help. */
export class InvalidOptionError extends TypeError {
  override readonly name = 'InvalidOptionError';

  /** @param option its name, as in `reconnect.baseMs`; `options` where there are none */
  constructor(
    readonly option: string,
    message: string,
  ) {
    super(message);
  }
}

/** The platform lacks what the client was told to use, or the server speaks another version: trying again does not help. */
export class UnsupportedError extends Error {
  override readonly name = 'UnsupportedError';
}

/** No answer within the request's time. */
export class RequestTimeoutError extends Error {
  override readonly name = 'RequestTimeoutError';

  constructor(
    readonly method: string,
    readonly timeoutMs: number,
  ) {
    super(`no answer to ${method} within ${timeoutMs} ms`);
  }
}

/** More requests wait to be sent than `maxWaiting` allows. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError';

  constructor(maxWaiting: number) {
    super(`${maxWaiting} requests wait already: that is maxWaiting`);
  }
}

/** `close()` was called, of the client or of what it is about. */
export class ClientClosedError extends Error {
  override readonly name = 'ClientClosedError';

  constructor(what = 'client') {
    super(`the ${what} is closed`);
  }
}

/** What was thrown, in words, whatever it is. */
export function wordsOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown);
  } catch {
    return 'something that cannot be shown was thrown';
  }
}
