import { describe, expect, it, vi } from 'vitest';

import type { Failure } from '../extension/failure.js';
import { type BodyLimits, limitedBody } from './limited-body.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function streamOf(chunks: readonly string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(bytes(chunk));
      controller.close();
    },
  });
}

/** What its reader gets, and what is refused. */
async function read(chunks: readonly string[], limits: BodyLimits, isEventStream: boolean): Promise<{ text: string; refusal?: string }> {
  const refused = vi.fn<(failure: Failure) => void>();
  const reader = limitedBody(streamOf(chunks), limits, isEventStream, refused).getReader();
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) text += decoder.decode(part.value);
  } catch (error) {
    expect(refused.mock.calls).toEqual([[error]]);
    expect(error).toMatchObject({ kind: 'too_large' });
    return { text, refusal: (error as Failure).message };
  }
  expect(refused).not.toHaveBeenCalled();
  return { text };
}

describe('a body', () => {
  it('is passed on up to its size', async () => {
    expect(await read(['abc', 'de'], { maxBytes: 5 }, false)).toEqual({ text: 'abcde' });
    expect(await read(['abc', 'de', 'f'], { maxBytes: 5 }, false)).toEqual({
      text: '',
      refusal: 'the response is larger than 5 bytes',
    });
  });

  it('is looked at as a whole, where it is long enough, before its reader has it', async () => {
    const seen: string[] = [];
    const inspection = {
      leastBytes: 4,
      problemOf: (whole: Uint8Array) => {
        const text = Buffer.from(whole).toString();
        seen.push(text);
        return text.includes('bad') ? 'it is bad' : undefined;
      },
    };
    expect(await read(['ab', 'c'], { maxBytes: 9, inspection }, false)).toEqual({ text: 'abc' });
    expect(await read(['ab', 'cd'], { maxBytes: 9, inspection }, false)).toEqual({ text: 'abcd' });
    expect(await read(['a b', 'ad'], { maxBytes: 9, inspection }, false)).toEqual({ text: '', refusal: 'it is bad' });
    expect(seen).toEqual(['abcd', 'a bad']);
  });
});

describe.each([
  ['LF', '\n'],
  ['CR', '\r'],
  ['CRLF', '\r\n'],
])('a stream of events whose lines end with %s', (_, end) => {
  const event = (data: string): string => `data: ${data}${end}${end}`;
  const cut = (text: string, size: number): string[] => text.match(new RegExp(`[^]{1,${size}}`, 'g')) as string[];

  it.each([1, 2, 3, 7, 100])('has each event up to the size, however many there are, in pieces of %i', async (size) => {
    const maxBytes = event('12345').length;
    const three = event('12345') + event('1') + event('12345');
    expect(await read(cut(three, size), { maxBytes }, true)).toEqual({ text: three });
    const large = three + event('1234567');
    expect(await read(cut(large, size), { maxBytes }, true)).toMatchObject({ refusal: `the response is larger than ${maxBytes} bytes` });
  });

  it.each([1, 2, 3, 7, 100])('has each event looked at before it is passed on, in pieces of %i', async (size) => {
    const inspection = {
      leastBytes: 'data: bad'.length,
      problemOf: (whole: Uint8Array) => (Buffer.from(whole).toString().includes('bad') ? 'it is bad' : undefined),
    };
    const good = event('good') + event('1');
    expect(await read(cut(good, size), { maxBytes: 99, inspection }, true)).toEqual({ text: good });
    const { text, refusal } = await read(cut(good + event('bad') + event('1'), size), { maxBytes: 99, inspection }, true);
    expect(refusal).toBe('it is bad');
    expect(text).not.toContain('bad');
    expect(await read(cut(`${good}data: bad`, size), { maxBytes: 99, inspection }, true)).toMatchObject({ refusal: 'it is bad' });
  });
});
