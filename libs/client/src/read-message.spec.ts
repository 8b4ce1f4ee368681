import { FrameWriter, METHOD_NUMBERS, readFrame, type Frame } from '@mcpw/protocol';
import { describe, expect, it } from 'vitest';

import { MethodNumbers } from './method-numbers.js';
import { readOpenFrame, readText } from './read-message.js';

const methods = new MethodNumbers();
const writer = new FrameWriter();

function frameOf(bytes: Uint8Array): Frame {
  return readFrame(bytes, 1_000_000) as Frame;
}

describe('readText', () => {
  it.each([
    [
      '{"id":"1","type":0,"method":"tool.execute","params":{"name":"x"}}',
      { type: 'request', id: '1', method: 'tool.execute', params: { name: 'x' }, meta: undefined, encoding: 'json' },
    ],
    ['{"id":"1","type":1,"result":[1]}', { type: 'response', id: '1', result: [1] }],
    ['{"type":2,"method":"tool.changed"}', { type: 'notification', id: '', method: 'tool.changed', params: {} }],
    ['{"id":"1","type":3,"error":{"code":4009,"message":"no"}}', { type: 'error', id: '1', error: { code: 4009, message: 'no' } }],
    ['{"id":"1","type":4}', { type: 'ping', id: '1', encoding: 'json' }],
    ['{"id":"1","type":5,"result":{}}', { type: 'pong', id: '1' }],
  ])('reads %s', (text, message) => {
    expect(readText(text, 1_000)).toEqual({ messages: [message], nonce: undefined });
  });

  it('takes a batch apart, in order, and gives the nonce of the whole', () => {
    const text =
      '{"id":"b","type":6,"nonce":"12345678","params":{"messages":[{"id":"2","type":1,"result":2},{"id":"1","type":1,"result":1}]}}';
    expect(readText(text, 1_000)).toEqual({
      nonce: '12345678',
      messages: [
        { type: 'response', id: '2', result: 2 },
        { type: 'response', id: '1', result: 1 },
      ],
    });
  });

  it('makes an error about its request of an answer that is malformed', () => {
    expect(readText('{"id":"7","type":1}', 1_000).messages).toEqual([
      { type: 'error', id: '7', error: expect.objectContaining({ code: 4000, message: 'a response has a result' }) },
    ]);
  });
});

describe('readText of what is malformed', () => {
  it.each([
    ["a request of the server's, which counts its own ids", '{"id":"7","type":0}', ''],
    ["a ping of the server's", '{"id":"7","type":4,"ts":"now"}', ''],
    ['what may be an answer', '{"id":"7","result":1}', '7'],
  ])('of %s', (_, text, id) => {
    expect(readText(text, 1_000).messages).toEqual([{ type: 'error', id, error: expect.objectContaining({ code: 4000 }) }]);
  });
});

describe('readText of a text that is too long', () => {
  const error = { code: 4015, message: expect.stringContaining('exceeds maxMessageBytes 20') as string };

  it('fails what waits for the answer', () => {
    expect(readText('{"id":"7","type":1,"result":"a long answer"}', 20).messages).toEqual([{ type: 'error', id: '7', error }]);
  });

  it("fails nothing of ours for a request of the server's, which counts its own ids", () => {
    const text = '{"id":"7","type":0,"method":"tool.execute","params":{}}';
    expect(readText(text, 20).messages).toEqual([{ type: 'error', id: '', error }]);
  });
});

describe('readOpenFrame', () => {
  it('reads a request with the name of its method', () => {
    const frame = frameOf(writer.request(5, METHOD_NUMBERS['tool.execute'], { name: 'x' }, { timeout_ms: 9 }));
    expect(readOpenFrame(frame, methods)).toEqual({
      type: 'request',
      id: 5,
      method: 'tool.execute',
      params: { name: 'x' },
      meta: { timeout_ms: 9 },
      encoding: 'binary',
    });
  });

  it('reads a result that is no object, and bytes as bytes', () => {
    const message = readOpenFrame(frameOf(writer.response(5, 3, Uint8Array.of(1, 2))), methods);
    expect(message.type === 'response' && new Uint8Array(message.result as Uint8Array)).toEqual(Uint8Array.of(1, 2));
  });

  it('reads errors and notifications', () => {
    expect(readOpenFrame(frameOf(writer.error(5, 3, { code: 4009, message: 'no' })), methods)).toEqual({
      type: 'error',
      id: 5,
      error: { code: 4009, message: 'no' },
    });
    expect(readOpenFrame(frameOf(writer.notification(1, METHOD_NUMBERS['tool.changed'], {})), methods)).toEqual({
      type: 'notification',
      id: 1,
      method: 'tool.changed',
      params: {},
    });
  });

  it('makes an error about its request of an answer whose payload is broken', () => {
    const broken = writer.response(5, 3, 'text').slice();
    broken[24] = 0xc1;
    expect(readOpenFrame(frameOf(broken), methods)).toEqual({ type: 'error', id: 5, error: { code: 4000, message: expect.any(String) } });
  });

  it('makes an error about nothing of ours of a notification whose payload is broken', () => {
    const broken = writer.notification(5, 14, { a: 1 }).slice();
    broken[24] = 0xc1;
    expect(readOpenFrame(frameOf(broken), methods)).toMatchObject({ type: 'error', id: 0 });
  });

  it.each([
    ['an answer', writer.response(5, 3, 'a long answer').slice(), 5],
    ['an event', writer.notification(5, METHOD_NUMBERS.event, { data: 'a long event' }).slice(), 0],
    ['a request', writer.request(5, METHOD_NUMBERS['tool.execute'], { name: 'a long name' }).slice(), 0],
  ])('makes an error of %s that is too large, about what waits for it', (_, bytes, id) => {
    expect(readOpenFrame(readFrame(bytes, 4), methods)).toMatchObject({ type: 'error', id, error: { code: 4015 } });
  });
});
