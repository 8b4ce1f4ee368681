import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromBase64url, toBase64url } from './base64url.js';

it('is what Node makes of it', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const text = toBase64url(bytes);
      expect(text).toBe(Buffer.from(bytes).toString('base64url'));
      expect(fromBase64url(text)).toEqual(bytes);
    }),
  );
});

it.each(['A', 'AB', 'AAAAA', 'AA==', 'A+', 'A/', 'AAé', ' AA'])('no other text is accepted: %j', (text) => {
  expect(fromBase64url(text)).toBeUndefined();
});
