// What a method says of its answers, for the AsyncAPI document (src/api-docs) and for nothing else: when the server runs, no
// result is looked at.
import 'reflect-metadata';

import { SetMetadata } from '@nestjs/common';

import type { FailureKind } from './failure.js';
import type { DtoClass } from './tool.decorator.js';

const ANSWERS = 'mcpw:answers';

export interface AnswerOptions {
  /** What the method does, in a sentence. */
  readonly summary?: string;
  /** Failures of the method's own. Those that any method may end with (wrong params, limits, time, …) need no word. */
  readonly failures?: readonly FailureKind[];
}

export interface Answers extends AnswerOptions {
  /** Its class-validator rules say what the result is. */
  readonly result: DtoClass;
}

/** On a `@SubscribeMessage` handler: `@Answers(BalanceDto, { summary: 'What an account owes', failures: ['not_found'] })`. */
export const Answers = (result: DtoClass, options: AnswerOptions = {}) => SetMetadata(ANSWERS, { ...options, result } satisfies Answers);

/** What a handler was decorated with, if it was. */
export const answersOf = (handler: object): Answers | undefined => Reflect.getMetadata(ANSWERS, handler) as Answers | undefined;
