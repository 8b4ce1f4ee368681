import { expect, it } from 'vitest';

import { mergePatch } from './merge-patch.js';

// RFC 7396, Appendix A.
it.each([
  ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
  ['{"a":"b"}', '{"a":null}', '{}'],
  ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
  ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
  ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
  ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
  ['["a","b"]', '["c","d"]', '["c","d"]'],
  ['{"a":"b"}', '["c"]', '["c"]'],
  ['{"a":"foo"}', 'null', 'null'],
  ['{"a":"foo"}', '"bar"', '"bar"'],
  ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
  ['[1,2]', '{"a":"b","c":null}', '{"a":"b"}'],
  ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
])('%s patched with %s is %s', (target, patch, result) => {
  const [before, given] = [JSON.parse(target), JSON.parse(patch)] as [unknown, unknown];
  expect(mergePatch(before, given)).toEqual(JSON.parse(result));
  expect(JSON.stringify(before)).toBe(target);
  expect(JSON.stringify(given)).toBe(patch);
});

it('defines __proto__ as a member of its own, and pollutes nothing', () => {
  const patched = mergePatch({}, JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'));
  expect(Object.keys(patched as object)).toEqual(['__proto__', 'constructor']);
  expect(Object.getPrototypeOf(patched)).toBe(Object.prototype);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  const again = mergePatch(patched, JSON.parse('{"__proto__":{"more":2}}'));
  expect(JSON.stringify(again)).toBe('{"__proto__":{"polluted":1,"more":2},"constructor":{"prototype":{"polluted":1}}}');
  expect(mergePatch(again, JSON.parse('{"__proto__":null}'))).not.toHaveProperty('polluted');
});
