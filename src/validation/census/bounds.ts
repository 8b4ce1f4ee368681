// How many names and values there may be in a large message, counted in its bytes before anything is made of them: an object with a
// hundred thousand members takes a tenth of a second to make, to walk and to write, whatever the members are (measured: 1 MB of
// JSON with 87,000 names took 100 ms, with 8,192 it takes 10; to look through 255,000 lists in one another and to answer with them took
// 120, where as many numbers took 35). Small messages cannot hold that many, and are not counted.

export interface Bounds {
  /** Different names of members in one message. */
  readonly names: number;
  /** Values in one message; in MessagePack they take a byte each, in JSON two. In JSON commas and opening brackets are counted. */
  readonly values: number;
}

/** Of what clients send: checked, walked and answered. */
export const MESSAGE_BOUNDS: Bounds = { names: 8_192, values: 65_536 };
/** Of what other servers answer, which is only passed on: a table of six thousand rows of nine, a directory of sixteen thousand entries. */
export const ANSWER_BOUNDS: Bounds = { names: 16_384, values: 81_920 };

/**
 * What an object or a list counts for beside what is in it: it takes so much longer than a number. Where it is nested too deep two
 * count for one: the message is refused for its depth as soon as it is parsed (100,000 in one another: 20 ms), and nobody walks it.
 */
export const HOLDER_COUNTS = 3;
/** Deeper is refused by the decoder. */
export const DEEPEST = 65;

export const tooManyNames = ({ names }: Bounds): string => `the message has more than ${names} different names of members`;
export const tooManyValues = ({ values }: Bounds): string =>
  `the message has more than ${values} values, where each object and list counts for ${HOLDER_COUNTS} more`;
