import { describe, expect, it } from 'vitest';

import { ANSWER_BOUNDS } from '../validation/census/bounds.js';
import { readMessage, TOO_LARGE, UNREADABLE } from './read-message.js';

const result = `{"structuredContent":{${Array.from({ length: ANSWER_BOUNDS.names + 1 }, (_, i) => `"name-${i}":0`).join(',')}}}`;

describe('an answer', () => {
  it('is read', () => {
    const answer = { jsonrpc: '2.0', id: 7, result: { content: [] } };
    expect(readMessage(JSON.stringify(answer))).toEqual(answer);
  });

  it('that is nested too deep is an error to who waits for it', () => {
    const deep = `{"jsonrpc":"2.0","id":7,"result":{"a":${'['.repeat(100)}${']'.repeat(100)}}}`;
    expect(readMessage(deep)).toMatchObject({ id: 7, error: { code: UNREADABLE } });
  });

  it.each([
    ['first', `{"jsonrpc":"2.0","id":7,"result":${result}}`],
    ['before the version', `{ "id": 7, "jsonrpc": "2.0", "result": ${result} }`],
    ['last', `{"jsonrpc":"2.0","result":${result},"id":7}`],
    ['last but the version', `{"result":${result}, "id" : 7 , "jsonrpc" : "2.0" }\n`],
    ['behind the version', `{"result":${result},"jsonrpc":"2.0","id":7}`],
  ])('of too many names is an error to who waits for it, though it is not parsed: its id stands %s', (_, text) => {
    expect(readMessage(text)).toMatchObject({ id: 7, error: { code: TOO_LARGE, message: expect.stringMatching('names') as string } });
  });

  it.each([
    ['stands elsewhere', `{"other":1,"id":7,"result":${result},"more":1}`],
    ['is not that of the message', `{"jsonrpc":"2.0","result":${result.slice(0, -2)},"x":[],"id":7}}}`],
    ['is of a question', `{"jsonrpc":"2.0","id":7,"method":"sampling/createMessage","params":${result}}`],
    ['is last of a question', `{"method":"sampling/createMessage","params":${result},"jsonrpc":"2.0","id":7}`],
    ['is no number', `{"jsonrpc":"2.0","id":"7","result":${result}}`],
  ])('of too many names, or what is none, whose id %s is dropped', (_, text) => {
    expect(() => readMessage(text)).toThrow('names');
  });
});
