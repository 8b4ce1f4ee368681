// Why a call could not be done, in a closed list of kinds. Features throw it; one table (protocol/failure-code.ts)
// turns kinds into wire codes, another (http/failure.filter.ts) into HTTP statuses. Not for bugs: those stay Errors.

export type FailureKind =
  | 'invalid_message'
  | 'authentication_failed'
  | 'rate_limited'
  | 'method_not_found'
  | 'invalid_params'
  | 'cancelled'
  | 'context_too_large'
  | 'conflict'
  | 'not_found'
  | 'replay_rejected'
  | 'signature_invalid'
  | 'forbidden'
  | 'not_initialized'
  | 'timed_out'
  | 'too_large'
  | 'unavailable';

/** One member of a request that is not as it should be: a JSON Pointer and a sentence. */
export interface ParamError {
  readonly path: string;
  readonly message: string;
}

export class Failure extends Error {
  override readonly name = 'Failure';

  /**
   * @param kind what went wrong, from the closed list
   * @param message for the client to read: names limits and values, never an inside of the server
   * @param data members of the wire error's `data` (PROTOCOL.md §7)
   * @param options.cause for the log only
   */
  constructor(
    readonly kind: FailureKind,
    message: string,
    readonly data?: Readonly<Record<string, unknown>>,
    options?: { cause?: unknown },
  ) {
    // An expected outcome needs no stack: to capture one costs 5 to 20 µs, which whoever sends what is refused would have us pay.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message, options);
    Error.stackTraceLimit = stackTraceLimit;
  }

  static invalidParams(errors: readonly ParamError[]): Failure {
    const first = errors[0];
    return new Failure('invalid_params', first ? `${first.path || '/'}: ${first.message}` : 'invalid params', { errors });
  }

  static forbidden(scope: string): Failure {
    return new Failure('forbidden', `needs the scope ${scope}`, { scope });
  }

  /** @param what what was looked for, e.g. `context ctx_1`: the same words whether it is absent or another tenant's */
  static notFound(what: string): Failure {
    return new Failure('not_found', `${what} not found`);
  }
}
