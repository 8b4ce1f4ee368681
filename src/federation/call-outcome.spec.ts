import { ProtocolError, SdkError, SdkErrorCode, SdkHttpError } from '@modelcontextprotocol/client';
import { describe, expect, it } from 'vitest';

import { redactor } from '../egress/redact.js';
import { Failure } from '../extension/failure.js';
import { NoOutcome } from '../tools/tool-source.js';
import { readCallError, readCallResult, ToolFailed } from './call-outcome.js';
import { STREAM_ENDED } from './http-transport.js';
import { UNREADABLE } from './read-message.js';

const open = new AbortController().signal;
const redact = redactor(['a-secret-of-ours']);

describe('a result', () => {
  it('is what the tool returned, as far as it is known', () => {
    const content = [
      { type: 'text', text: 'a', annotations: { audience: ['user'] } },
      { type: 'image', data: 'AA==', mimeType: 'image/png' },
      { type: 'resource', resource: { uri: 'demo://a', text: 'x' } },
      { type: 'resource_link', uri: 'demo://a', name: 'a', size: 5 },
      { type: 'resource_link', uri: 'https://example.com/a', name: 'b' },
      { type: 'video', data: 'x' },
    ];
    expect(readCallResult('u', { content, structuredContent: { a: 1 } }, redact)).toEqual({
      content: [
        { type: 'text', text: 'a' },
        content[1],
        { type: 'resource', resource: { uri: 'u+demo://a', text: 'x' } },
        { type: 'resource_link', uri: 'u+demo://a', name: 'a' },
        content[4],
        { type: 'text', text: '{"type":"video","data":"x"}' },
      ],
      structured: { a: 1 },
    });
    expect(readCallResult('u', {}, redact)).toEqual({ content: [] });
  });

  it('of a tool that failed is its failure, in its words', () => {
    const read = (): unknown => readCallResult('u', { content: [{ type: 'text', text: 'no\u0007 luck' }], isError: true }, redact);
    expect(read).toThrow(ToolFailed);
    expect(read).toThrow('no luck');
  });

  it.each([
    [null],
    ['text'],
    [{ content: 'text' }],
    [{ content: Array.from({ length: 10_001 }, () => ({})) }],
    [{ structuredContent: nested(100) }],
  ])('is not %#: the call has no outcome', (result) => {
    expect(() => readCallResult('u', result, redact)).toThrow(NoOutcome);
  });
});

describe('an error', () => {
  const kindOf = (error: unknown, signal: AbortSignal = open): [string, boolean] => {
    const read = readCallError('crm', error, signal, redact);
    return [read.error instanceof NoOutcome ? read.error.failure.kind : 'failed', read.isTrouble];
  };

  it.each<[string, unknown, string, boolean]>([
    ['of the tool', new ProtocolError(-32_602, 'no such thing'), 'failed', false],
    ['of a stream that ended', new ProtocolError(STREAM_ENDED, 'x'), 'unavailable', true],
    ['of an answer that cannot be read', new ProtocolError(UNREADABLE, 'x'), 'unavailable', true],
    ['of time', new SdkError(SdkErrorCode.RequestTimeout, 'x'), 'timed_out', true],
    ['of a closed session', new SdkError(SdkErrorCode.ConnectionClosed, 'x'), 'unavailable', true],
    ['of a refused credential', new SdkHttpError(SdkErrorCode.ClientHttpAuthentication, 'x', { status: 401 }), 'forbidden', false],
    ['of the upstream’s server', new SdkHttpError(SdkErrorCode.ClientHttpNotImplemented, 'x', { status: 503 }), 'unavailable', true],
    ['of the network', new TypeError('fetch failed: connect ECONNREFUSED 10.0.0.5:80'), 'unavailable', true],
  ])('%s', (_, error, kind, isTrouble) => {
    expect(kindOf(error)).toEqual([kind, isTrouble]);
  });

  it('of a caller that gave up is the caller’s own, and no fault of the upstream', () => {
    for (const kind of ['cancelled', 'timed_out'] as const) {
      expect(kindOf(new SdkError(SdkErrorCode.RequestTimeout, 'x'), AbortSignal.abort(new Failure(kind, 'x')))).toEqual([kind, false]);
    }
  });

  it('tells nothing of our secrets, where it is cut either', () => {
    const told = `${'x'.repeat(4_090)} a-secret-of-ours`;
    const { message } = readCallError('crm', new ProtocolError(-32_602, told), open, redact).error;
    expect(message).toMatch(/x \[sec…$/);
    const result = { isError: true, content: [{ type: 'text', text: told }], structuredContent: { 'a-secret-of-ours': told } };
    const failed = (): unknown => readCallResult('crm', result, redact);
    expect(failed).toThrow(/x \[sec…$/);
    const { data } = captured(failed) as Failure;
    expect(data).toMatchObject({ structured: { '[secret]': expect.stringMatching(/x \[secret\]$/) as string } });
    expect(JSON.stringify(data)).not.toContain('a-secret');
  });

  it('tells nothing of addresses', () => {
    const { error } = readCallError('crm', new TypeError('fetch failed: connect ECONNREFUSED 10.0.0.5:80'), open, redact);
    expect(error.message).toBe('crm is not reached at the moment');
  });
});

function captured(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = { value };
  return value;
}
