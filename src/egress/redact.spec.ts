import { describe, expect, it } from 'vitest';

import { redacted, redactor } from './redact.js';

describe('what is secret', () => {
  it('is taken out of a text, whole and in words', () => {
    const redact = redactor(['Bearer abcdefgh', 'abcdefghij', 'json', '1', '']);
    expect(redact('sent Authorization: Bearer abcdefgh and abcdefgh, abcdefghij, json 1')).toBe(
      'sent Authorization: [secret] and [secret], [secret], json 1',
    );
  });

  it.each([
    ['in a URL', 'a/b+c d=e&', '/?key=a%2Fb%2Bc%20d%3De%26&x', '/?key=[secret]&x'],
    ['in JSON', 'a"b\\c/d-long', '{"a":"a\\"b\\\\c/d-long"}', '{"a":"[secret]"}'],
    ['in JSON that escapes slashes', 'a/b/c/d-long', '{"a":"a\\/b\\/c\\/d-long"}', '{"a":"[secret]"}'],
    ['where it means something in an expression', '^a.*$(b|c)[d]{2}\\', 'is ^a.*$(b|c)[d]{2}\\ or aa', 'is [secret] or aa'],
  ])('is taken out as it stands %s', (_, secret, text, expected) => {
    expect(redactor([secret])(text)).toBe(expected);
  });

  it('is taken out of every text of a value, and of names', () => {
    const value = JSON.parse('{"a":["x long-secret",1,null,{"b-long-secret":"long-secret"}],"__proto__":"long-secret"}') as unknown;
    const shown = JSON.stringify(redacted(redactor(['long-secret']), value));
    expect(shown).toBe('{"a":["x [secret]",1,null,{"b-[secret]":"[secret]"}],"__proto__":"[secret]"}');
  });

  it('may be nothing', () => {
    expect(redactor([])('as it was')).toBe('as it was');
  });
});
