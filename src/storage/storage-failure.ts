// Which of SQLite's errors mean "not now", and how an error crosses from a thread to the caller. Not other bugs: those stay Errors.
import { Failure, type FailureKind } from '../extension/failure.js';

const PRIMARY_CODE = 0xff;
const NOT_NOW: Readonly<Record<number, string>> = {
  5: 'the database is locked by another process',
  6: 'the database is locked',
  8: 'the database cannot be written',
  10: 'the disk failed',
  13: 'the disk is full',
  14: 'the database file cannot be opened',
};
const LOCKED = new Set([5, 6]);
const RETRY_LOCKED_MS = 1_000;
const RETRY_OTHER_MS = 10_000;

/** `unavailable` for an error of SQLite that passes or that an operator mends; undefined for any other. */
export function unavailableFrom(error: unknown): Failure | undefined {
  const errcode = (error as { errcode?: unknown } | null)?.errcode;
  if (typeof errcode !== 'number') return undefined;
  const code = errcode & PRIMARY_CODE;
  const message = NOT_NOW[code];
  if (message === undefined) return undefined;
  return new Failure('unavailable', message, { retry_after_ms: LOCKED.has(code) ? RETRY_LOCKED_MS : RETRY_OTHER_MS }, { cause: error });
}

/** An error as data: structured clones of errors lose their class and members. */
export interface CrossedError {
  /** Absent for an unexpected error. */
  readonly kind?: FailureKind;
  readonly message: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly stack?: string;
}

export function crossError(error: unknown): CrossedError {
  const failure = error instanceof Failure ? error : unavailableFrom(error);
  if (failure) {
    const { kind, message, data } = failure;
    return { kind, message, ...(data && { data }) };
  }
  if (error instanceof Error) return { message: error.message, ...(error.stack !== undefined && { stack: error.stack }) };
  return { message: String(error) };
}

export function rebuildError({ kind, message, data, stack }: CrossedError): Error {
  if (kind !== undefined) return new Failure(kind, message, data);
  const error = new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
