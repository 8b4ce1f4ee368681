import { describe, expect, it } from 'vitest';

import { Failure } from '../extension/failure.js';
import { readAgentAnswer } from './agent-answer.js';
import { NoOutcome } from './tool-source.js';

describe("an agent's answer", () => {
  it.each([
    [{ status: 'completed' }, { content: [] }],
    [
      { status: 'completed', result: { structured: { a: 1 } } },
      { content: [], structured: { a: 1 } },
    ],
    [
      { status: 'completed', result: { content: [{ type: 'text', text: 'x' }] }, duration_ms: 3 },
      { content: [{ type: 'text', text: 'x' }] },
    ],
    [
      { status: 'completed', result: { content: [{ type: 'image', data: new Uint8Array(2), mimeType: 'image/png' }] } },
      { content: [{ type: 'image', data: new Uint8Array(2), mimeType: 'image/png' }] },
    ],
  ])('%j is a result', (answer, output) => {
    expect(readAgentAnswer('t', answer)).toEqual(output);
  });

  it.each([
    [{ status: 'failed', error: { message: 'no such row', data: { row: 1 } } }, 'no such row', { row: 1 }],
    [{ status: 'failed' }, 'the tool failed', undefined],
    [{ status: 'failed', error: 'x' }, 'the tool failed', undefined],
    [{ status: 'failed', error: { message: 5, data: 'x' } }, 'the tool failed', undefined],
  ])('%j is a failure of the tool', (answer, message, data) => {
    expect(() => readAgentAnswer('t', answer)).toThrow(expect.objectContaining({ name: 'Failure', message, data }) as Failure);
  });

  it.each([
    null,
    'done',
    [],
    {},
    { status: 'running' },
    { status: 'completed', result: 'x' },
    { status: 'completed', result: { content: 'x' } },
    { status: 'completed', result: { content: [null] } },
    { status: 'completed', result: { content: [{ type: 'text' }] } },
    { status: 'completed', result: { content: [{ type: 'text', text: 5 }] } },
    { status: 'completed', result: { content: [{ type: 'script', text: 'x' }] } },
    { status: 'completed', result: { content: [{ type: 'image', data: { 0: 1 }, mimeType: 'a/b' }] } },
    { status: 'completed', result: { content: [{ type: 'resource', resource: {} }] } },
    { status: 'completed', result: { content: [{ type: 'resource_link', uri: 'a:b' }] } },
  ])('%j is none', (answer) => {
    expect(() => readAgentAnswer('t', answer)).toThrow(NoOutcome);
  });
});
