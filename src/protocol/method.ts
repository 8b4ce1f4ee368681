// A method of the endpoint, as compiled at start: all that a message needs is looked up once.
import type { CanActivate, ExecutionContext } from '@nestjs/common';

import type { Connection } from '../connection/connection.js';
import type { Answers } from '../extension/answers.decorator.js';
import type { DtoValidator } from '../validation/compile-dto.js';

/** What a handler is invoked with: the call, as far as this side needs to know it. */
export interface Invocation extends ExecutionContext {
  readonly channel: Connection;
  readonly params: unknown;
  readonly signal: AbortSignal;
  /** What was thrown inside Nest's chain, which itself does not throw. */
  readonly thrown: { readonly error: unknown } | undefined;
}

/** A guard that answers at once, or throws why not. */
export interface SyncGuard extends CanActivate {
  canActivate(context: ExecutionContext): true;
}

export interface Method {
  readonly name: string;
  /** Its number in binary frames. */
  readonly number: number;
  /** Its place in the traffic meter. */
  readonly meterIndex: number;
  /** The scope its callers need; `undefined` where any may call it. */
  readonly scope: string | undefined;
  readonly gateway: object;
  readonly handler: object;
  /** `undefined` where the handler takes params as they come. */
  readonly params: DtoValidator | undefined;
  /** What its author says of its answers, for those who describe the method. */
  readonly answers: Answers | undefined;
  /** Guards that are asked before the handler: the endpoint's own. A team's own guards are asked by Nest, inside `invoke`. */
  readonly guards: readonly SyncGuard[];
  /**
   * Runs the handler: straight where it has no guards, pipes, interceptors or filters of its own, through Nest's chain where it has.
   * @returns its result or a promise of it
   */
  readonly invoke: (call: Invocation) => unknown;
}
