import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CLOSE_NAMES, CloseCode, mayReconnect } from './close-code.js';
import { ERROR_NAMES, ErrorCode } from './error-code.js';
import { FrameFlag, KNOWN_FLAGS } from './frame-flag.js';
import { FIRST_MODULE_METHOD, METHOD_NUMBERS } from './method-numbers.js';

const page = readFileSync(new URL('../../PROTOCOL.md', import.meta.url), 'utf8');

describe('the catalogs are those of the page', () => {
  it('methods', () => {
    const table = page.slice(page.indexOf('Method numbers:'), page.indexOf('A module added to the server'));
    const numbered = [...table.matchAll(/(\d+) ([a-z.]+)/g)].map(([, number, name]) => [name, Number(number)]);
    expect(Object.fromEntries(numbered)).toEqual(METHOD_NUMBERS);
    expect(Math.max(...Object.values(METHOD_NUMBERS))).toBeLessThan(FIRST_MODULE_METHOD);
  });

  it('errors', () => {
    const table = page.slice(page.indexOf('## 7.'), page.indexOf('A bad message is answered'));
    const codes = [...table.matchAll(/\b(40\d\d)\b/g)].map(([code]) => Number(code)).sort();
    expect(codes).toEqual(Object.values(ErrorCode).sort());
    expect(Object.keys(ERROR_NAMES).map(Number).sort()).toEqual(codes);
  });

  it('flags', () => {
    expect(Object.values(FrameFlag).reduce((all, flag) => all | flag, 0)).toBe(KNOWN_FLAGS);
    for (const flag of Object.values(FrameFlag)) expect(page).toContain(`\`0x${flag.toString(16).padStart(4, '0')}\``);
  });

  it('closes', () => {
    const text = page.slice(page.indexOf('Close codes:'), page.indexOf('## 8.'));
    const codes = [...text.matchAll(/\b(1\d{3}|4\d{3})\b/g)].map(([code]) => Number(code));
    expect(new Set(codes)).toEqual(new Set(Object.values(CloseCode)));
    expect(Object.keys(CLOSE_NAMES)).toHaveLength(Object.keys(CloseCode).length);
  });
});

it('a client comes back after the 45xx and not after the 44xx', () => {
  const back = Object.values(CloseCode).filter(mayReconnect);
  expect(back).toEqual([
    CloseCode.GOING_AWAY,
    CloseCode.INTERNAL_ERROR,
    CloseCode.DRAINING,
    CloseCode.PONG_TIMEOUT,
    CloseCode.SEND_QUEUE_OVERFLOW,
  ]);
  expect(mayReconnect(1006)).toBe(true);
});
