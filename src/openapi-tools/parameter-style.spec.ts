import { describe, expect, it } from 'vitest';

import type { OperationParameter } from './operation.js';
import { cookieText, formText, headerText, pathText, queryParts } from './parameter-style.js';

const parameter = (style: string, explode: boolean, more: Partial<OperationParameter> = {}): OperationParameter => ({
  argument: 'color',
  name: 'color',
  in: 'query',
  style,
  explode,
  allowReserved: false,
  isJson: false,
  ...more,
});
const LIST = ['blue', 'black', 'brown'];
const OBJECT = { R: 100, G: 200 };
const query = (...args: Parameters<typeof queryParts>): string =>
  queryParts(...args)
    .map(([name, value]) => `${name}=${value}`)
    .join('&');

describe('values of parameters, as OpenAPI’s table of styles writes them', () => {
  it.each([
    ['simple', false, 'blue', 'blue'],
    ['simple', false, LIST, 'blue,black,brown'],
    ['simple', false, OBJECT, 'R,100,G,200'],
    ['simple', true, OBJECT, 'R=100,G=200'],
    ['label', false, 'blue', '.blue'],
    ['label', false, LIST, '.blue,black,brown'],
    ['label', true, LIST, '.blue.black.brown'],
    ['label', true, OBJECT, '.R=100.G=200'],
    ['matrix', false, 'blue', ';color=blue'],
    ['matrix', false, LIST, ';color=blue,black,brown'],
    ['matrix', true, LIST, ';color=blue;color=black;color=brown'],
    ['matrix', false, OBJECT, ';color=R,100,G,200'],
    ['matrix', true, OBJECT, ';R=100;G=200'],
    ['simple', false, 'a/b?c#d%', 'a%2Fb%3Fc%23d%25'],
  ])('path, %s, explode %s: %j is %s', (style, explode, value, text) => {
    expect(pathText(parameter(style, explode), value)).toBe(text);
  });

  it.each([
    ['form', true, 'blue', 'color=blue'],
    ['form', true, LIST, 'color=blue&color=black&color=brown'],
    ['form', false, LIST, 'color=blue,black,brown'],
    ['form', true, OBJECT, 'R=100&G=200'],
    ['form', false, OBJECT, 'color=R,100,G,200'],
    ['spaceDelimited', false, LIST, 'color=blue%20black%20brown'],
    ['pipeDelimited', false, LIST, 'color=blue%7Cblack%7Cbrown'],
    ['deepObject', true, OBJECT, 'color[R]=100&color[G]=200'],
    ['deepObject', true, { a: { b: [1, 2] } }, 'color[a][b]=1&color[a][b]=2'],
    ['form', true, 'a&b=c', 'color=a%26b%3Dc'],
    ['form', true, true, 'color=true'],
    ['form', true, '\ud800', 'color=%EF%BF%BD'],
  ])('query, %s, explode %s: %j is %s', (style, explode, value, text) => {
    expect(query(parameter(style, explode), value)).toBe(text);
  });

  it('may keep reserved characters in a query, but none that would end it or begin another part', () => {
    expect(query(parameter('form', true, { allowReserved: true }), 'a/b:c?d&e=f#g+h')).toBe('color=a/b:c?d%26e%3Df%23g%2Bh');
  });

  it('are JSON where the document says so', () => {
    expect(query(parameter('form', true, { isJson: true }), { a: [1] })).toBe('color=%7B%22a%22%3A%5B1%5D%7D');
  });

  it('stand in headers and cookies as well', () => {
    expect(headerText(parameter('simple', false), LIST)).toBe('blue,black,brown');
    expect(headerText(parameter('simple', true), OBJECT)).toBe('R=100,G=200');
    expect(cookieText(parameter('form', false), 'a;b')).toBe('color=a%3Bb');
  });

  it('make a form', () => {
    expect(formText({ a: 'x y', b: [1, 2], c: { d: 1 } })).toBe('a=x+y&b=1&b=2&c=%7B%22d%22%3A1%7D');
  });
});
