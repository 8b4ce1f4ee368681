import { describe, expect, it } from 'vitest';

import { completed, failed } from './tool-answer.js';

describe('completed', () => {
  it.each([
    ['text', { content: [{ type: 'text', text: 'text' }] }],
    [undefined, { content: [] }],
    [null, { content: [] }],
    [{ a: 1 }, { content: [{ type: 'text', text: '{"a":1}' }], structured: { a: 1 } }],
    [{ a: Uint8Array.of(1, 2) }, { content: [{ type: 'text', text: '{"a":"AQI="}' }], structured: { a: Uint8Array.of(1, 2) } }],
    [[1, 2], { content: [{ type: 'text', text: '[1,2]' }], structured: [1, 2] }],
    [{ content: [{ type: 'text', text: 'x' }] }, { content: [{ type: 'text', text: 'x' }] }],
    [
      { content: [], structured: 7 },
      { content: [], structured: 7 },
    ],
    [
      { content: 'of a letter' },
      { content: [{ type: 'text', text: '{"content":"of a letter"}' }], structured: { content: 'of a letter' } },
    ],
    [
      { content: [], from: 'a letter' },
      { content: [{ type: 'text', text: '{"content":[],"from":"a letter"}' }], structured: { content: [], from: 'a letter' } },
    ],
    [
      Uint8Array.of(1),
      { content: [{ type: 'resource', resource: { uri: 'tool:t', mimeType: 'application/octet-stream', blob: Uint8Array.of(1) } }] },
    ],
  ])('makes of %o content', (returned, result) => {
    expect(completed('t', returned, 5)).toEqual({ tool: 't', status: 'completed', result, duration_ms: 5 });
  });
});

describe('failed', () => {
  it('says what was thrown, be it an error or not', () => {
    expect(failed('t', new Error('no paper'), 5)).toEqual({ tool: 't', status: 'failed', error: { message: 'no paper' }, duration_ms: 5 });
    expect(failed('t', 'no paper', 5).error).toEqual({ message: 'no paper' });
    expect(failed('t', Object.create(null), 5).error).toEqual({ message: 'something that cannot be shown was thrown' });
  });
});
