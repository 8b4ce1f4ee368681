import { readFileSync } from 'node:fs';

import { expect, it } from 'vitest';

import { Failure } from './extension/failure.js';
import { dataFailure } from './start-failure.js';
import { ThreadRefusal } from './storage/thread-messages.js';

const said = (error: unknown): string | undefined => dataFailure(error, './data')?.message;

function notThere(path: string): unknown {
  try {
    return readFileSync(path);
  } catch (error) {
    return error;
  }
}

it('says what is wrong with the database, the disk and what is in the data folder', () => {
  expect(said(new ThreadRefusal('file is not a database'))).toBe('the database data/mcpw.db cannot be used: file is not a database');
  expect(said(new Failure('unavailable', 'the disk is full'))).toBe('the disk is full');
  expect(said(Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' }))).toMatch(
    /^the data folder .\/data cannot be used: ENOSPC/,
  );
  expect(said(notThere('data/audit/nothing'))).toMatch(/^the data folder .\/data cannot be used: ENOENT/);
});

it.each([notThere('/nowhere/else'), new TypeError('a bug'), 'a text', undefined])('leaves what is a bug as it is: %s', (error) => {
  expect(said(error)).toBeUndefined();
});
