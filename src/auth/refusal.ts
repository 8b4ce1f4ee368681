// How an authentication is refused: in words that do not tell which part of the credential was wrong. That it has expired
// is told, since only who once held a good one can bring it that far.
import { Failure } from '../extension/failure.js';

export const refused = (cause?: unknown): Failure =>
  new Failure('authentication_failed', 'the credential is not valid', undefined, { cause });

export const expired = (): Failure => new Failure('authentication_failed', 'the credential has expired');
