// How deep a JSON text nests: what a frame's writer refuses by itself, `JSON.stringify` writes. A server refuses such a message
// as a whole (protocol §2), and who waits for the answer that it was would wait for ever.
import { MAX_DEPTH, SHORTEST_TOO_DEEP } from '@mcpw/protocol';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d]);

/** The text itself. @throws RangeError where it nests deeper than 64, the outermost counted */
export function notTooDeep(json: string): string {
  if (json.length < SHORTEST_TOO_DEEP) return json;
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) at = endOfString(json, at);
    else if (CLOSING.has(code)) depth--;
    else if (OPENING.has(code) && ++depth > MAX_DEPTH) throw new RangeError(`nesting is deeper than ${MAX_DEPTH}`);
  }
  return json;
}

/** Where the string that begins at `start` has its closing quote. */
function endOfString(json: string, start: number): number {
  for (let at = json.indexOf('"', start + 1); at >= 0; at = json.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (json.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
  return json.length;
}
