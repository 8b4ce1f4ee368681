import { describe, expect, it } from 'vitest';

import { toolResult } from './tool-result.js';

const wire = (returned: Parameters<typeof toolResult>[1]): unknown => JSON.parse(JSON.stringify(toolResult('t', returned)));

describe('what a tool returns becomes', () => {
  it.each([
    ['text', 'hello', { content: [{ type: 'text', text: 'hello' }] }],
    ['nothing', undefined, { content: [] }],
    ['an object', { a: 1 }, { content: [{ type: 'text', text: '{"a":1}' }], structured: { a: 1 } }],
    ['an array', [1, 2], { content: [{ type: 'text', text: '[1,2]' }], structured: [1, 2] }],
    [
      'bytes',
      Buffer.from('abc'),
      { content: [{ type: 'resource', resource: { uri: 'tool:t', mimeType: 'application/octet-stream', blob: 'YWJj' } }] },
    ],
    ['blocks', { content: [{ type: 'text' as const, text: 'x' }] }, { content: [{ type: 'text', text: 'x' }] }],
    [
      'blocks with bytes',
      {
        content: [
          { type: 'image' as const, data: new Uint8Array([1, 2, 3]), mimeType: 'image/png' },
          { type: 'resource' as const, resource: { uri: 'a:b', blob: new Uint8Array([4]) } },
          { type: 'audio' as const, data: 'AAAA', mimeType: 'audio/wav' },
        ],
        structured: { n: 3 },
      },
      {
        content: [
          { type: 'image', data: 'AQID', mimeType: 'image/png' },
          { type: 'resource', resource: { uri: 'a:b', blob: 'BA==' } },
          { type: 'audio', data: 'AAAA', mimeType: 'audio/wav' },
        ],
        structured: { n: 3 },
      },
    ],
    [
      'an object that only looks like blocks',
      { content: [{ type: 'text' as const, text: 'x' }], version: 3 },
      {
        content: [{ type: 'text', text: '{"content":[{"type":"text","text":"x"}],"version":3}' }],
        structured: { content: [{ type: 'text', text: 'x' }], version: 3 },
      },
    ],
  ])('%s', (_, returned, expected) => {
    expect(wire(returned)).toEqual(expected);
  });

  it('bytes that stay bytes for an encoder that can carry them', () => {
    const bytes = Buffer.from('abc');
    const [block] = toolResult('t', bytes).content;
    const blob = block?.type === 'resource' ? block.resource.blob : undefined;
    expect(blob?.constructor).toBe(Uint8Array);
    expect(Buffer.from(blob as Uint8Array).toString()).toBe('abc');
    expect(Object.keys(blob as object)).toHaveLength(3);
  });

  it('text that has bytes within as base64, as JSON has them', () => {
    const { content, structured } = toolResult('t', { a: Buffer.from([1, 2]) });
    expect(content).toEqual([{ type: 'text', text: '{"a":"AQI="}' }]);
    expect(structured).toEqual({ a: Buffer.from([1, 2]) });
  });
});
