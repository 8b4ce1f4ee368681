import { expect, it } from 'vitest';

import { sourceName, uriPrefix } from './source-name.js';

it('makes a source of what clients call a server', () => {
  expect(sourceName('files')).toBe('files');
  expect(sourceName('My Server (dev).v2')).toBe('My_Server__dev__v2');
  expect(sourceName('local')).toBe('local_');
  expect(sourceName('агент')).toBeUndefined();
});

it('makes a scheme of a source', () => {
  expect(uriPrefix('files')).toBe('files+');
  expect(uriPrefix('My_Files2')).toBe('my-files2+');
  expect(uriPrefix('7zip')).toBe('x-7zip+');
  expect(URL.canParse(`${uriPrefix('My_Files2')}file:///a`)).toBe(true);
});
