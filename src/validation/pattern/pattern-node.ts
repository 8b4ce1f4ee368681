// What a regular expression consists of, once read.

/** Whether a code point is one that an atom stands for. */
export type CharacterTest = (codePoint: number) => boolean;

export type PatternNode =
  | { readonly kind: 'character'; readonly test: CharacterTest }
  | { readonly kind: 'assertion'; readonly assertion: Assertion }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly PatternNode[] }
  | { readonly kind: 'repeat'; readonly part: PatternNode; readonly min: number; readonly max: number };

export type Assertion = 'start' | 'end' | 'boundary' | 'notBoundary';
