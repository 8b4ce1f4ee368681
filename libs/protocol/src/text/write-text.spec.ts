import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RawJson } from '../msgpack/raw.js';
import { SharedEvent } from '../shapes/shared-event.js';
import { parseText } from './parse-text.js';
import { batchText, bodyText, errorText, notificationText, pingText, pongText, requestText, responseText } from './write-text.js';

const envelopeOf = (text: string) => {
  const parsed = parseText(text);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.envelope;
};
const id = () => fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const body = () =>
  fc.dictionary(
    fc.string().filter((key) => key !== '__proto__'),
    fc.jsonValue({ maxDepth: 3 }),
  );

it('every message reads to itself', () => {
  fc.assert(
    fc.property(id(), id(), body(), (ofMessage, method, content) => {
      const expected = JSON.parse(JSON.stringify(content)) as object;
      expect(envelopeOf(requestText(ofMessage, method, content, { timeout_ms: 5 }))).toMatchObject({
        id: ofMessage,
        method,
        params: expected,
        meta: { timeout_ms: 5 },
      });
      expect(envelopeOf(responseText(ofMessage, content))).toMatchObject({ id: ofMessage, result: expected });
      expect(envelopeOf(notificationText(method, content))).toMatchObject({ method, params: expected });
      expect(envelopeOf(errorText(ofMessage, { code: 4000, message: method }))).toMatchObject({
        id: ofMessage,
        error: { message: method },
      });
      expect(envelopeOf(pingText(ofMessage)).id).toBe(ofMessage);
      expect(envelopeOf(pongText(ofMessage, method)).result).toEqual({ timestamp: method });
    }),
  );
});

it('a batch holds what was written before', () => {
  const { members } = envelopeOf(batchText('b', [pingText('1'), requestText('2', 'tool.list')]));
  expect(members?.map((member) => member.ok && member.envelope.id)).toEqual(['1', '2']);
});

it('what was kept as JSON is spliced in wherever it is', () => {
  const raw = new RawJson('{"a": 1}');
  const bodies = [raw, { raw }, { list: [raw, raw], n: 1, none: undefined }, { deep: { deeper: [raw] } }, { list: [1, raw] }, [raw]];
  for (const given of bodies) expect(JSON.parse(bodyText(given))).toEqual(JSON.parse(JSON.stringify(given)));
  expect(bodyText({ items: [raw] })).toBe('{"items":[{"a": 1}]}');
  expect(bodyText(new Date(0))).toBe('"1970-01-01T00:00:00.000Z"');
  expect(bodyText(undefined)).toBe('{}');
});

it('an event for many is one event for each', () => {
  const params = { event: 'a.b', cursor: 'c', data: { v: 1 }, timestamp: 't' };
  const shared = new SharedEvent(params);
  for (const subscription of ['s1', 's"2'])
    expect(JSON.parse(shared.paramsText(subscription))).toEqual({ subscription_id: subscription, ...params });
});
