// What names of events and patterns over them look like (PROTOCOL.md §5): dot-separated parts.
// In a pattern `*` is any one part, and `**`, which comes last, is the rest: one part or more.

const MAX_LENGTH = 256;
const MAX_PARTS = 32;
/** No white space, control characters, lone surrogates and the like, and no `*`, which means something in patterns. */
const PART = /^[^\s.*\p{C}]+$/u;

/** Names that only the server itself publishes begin with one of these. */
const RESERVED = ['context.', 'tool.', 'agent.', 'server.'];

/** @returns what is wrong with an event's name, in words that follow its path; undefined where nothing is */
export function eventNameProblem(name: string): string | undefined {
  const problem = lengthProblem(name);
  if (problem !== undefined) return problem;
  const wrong = name.split('.').find((part) => !PART.test(part));
  return wrong === undefined ? undefined : `must be dot-separated parts without white space, control characters or "*", "${wrong}" is none`;
}

export const isReserved = (name: string): boolean => RESERVED.some((prefix) => name.startsWith(prefix));

/** @returns what is wrong with a pattern, in words that follow its path; undefined where nothing is */
export function patternProblem(pattern: string): string | undefined {
  const problem = lengthProblem(pattern);
  if (problem !== undefined) return problem;
  const parts = pattern.split('.');
  if (parts.slice(0, -1).includes('**')) return 'may have "**" only as its last part';
  const wrong = parts.find((part) => part !== '*' && part !== '**' && !PART.test(part));
  return wrong === undefined ? undefined : `must be dot-separated parts, each a name, "*" or, last, "**"; "${wrong}" is none`;
}

/** Whether an event's name fits a pattern; both are well-formed. Many patterns at once: pattern-trie.ts. */
export function matchesPattern(pattern: string, name: string): boolean {
  if (!pattern.includes('*')) return pattern === name;
  const wanted = pattern.split('.');
  const parts = name.split('.');
  for (const [i, part] of wanted.entries()) {
    if (part === '**') return parts.length > i;
    if (i >= parts.length || (part !== '*' && part !== parts[i])) return false;
  }
  return wanted.length === parts.length;
}

function lengthProblem(text: string): string | undefined {
  if (text.length < 1 || text.length > MAX_LENGTH) return `must be 1 to ${MAX_LENGTH} characters`;
  let parts = 1;
  for (let i = text.indexOf('.'); i >= 0; i = text.indexOf('.', i + 1)) parts++;
  return parts > MAX_PARTS ? `must have at most ${MAX_PARTS} parts` : undefined;
}
