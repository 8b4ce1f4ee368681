// Text that is Unicode: without lone surrogates, which JSON can carry, but UTF-8 and so the database cannot.

/** As ECMAScript's `isWellFormed`. */
export const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);

/** As ECMAScript's `toWellFormed`. */
export const toWellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\uFFFD');

export const LONE_SURROGATE = 'has a lone surrogate, which is no character';
