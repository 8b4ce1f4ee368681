// An expression as instructions of a machine that is in several places at once. Counted parts are written out.
import type { Assertion, CharacterTest, PatternNode } from './pattern-node.js';

export type Instruction =
  | { readonly op: 'character'; readonly test: CharacterTest }
  | { readonly op: 'assert'; readonly assertion: Assertion }
  | { readonly op: 'split'; to: number; or: number }
  | { readonly op: 'jump'; to: number }
  | { readonly op: 'match' };

/** Instructions that one expression may have; the time of a step and the memory of a match grow with it. */
const MAX_INSTRUCTIONS = 2000;

/** Undefined where the expression is too large. */
export function patternProgram(node: PatternNode): readonly Instruction[] | undefined {
  const program: Instruction[] = [];
  if (!write(node, program)) return undefined;
  program.push({ op: 'match' });
  return program;
}

/** False as soon as the program is too large: nothing goes on growing. */
function write(node: PatternNode, program: Instruction[]): boolean {
  if (program.length >= MAX_INSTRUCTIONS) return false;
  switch (node.kind) {
    case 'character':
      program.push({ op: 'character', test: node.test });
      return true;
    case 'assertion':
      program.push({ op: 'assert', assertion: node.assertion });
      return true;
    case 'sequence':
      return node.parts.every((part) => write(part, program));
    case 'choice':
      return writeChoice(node.parts, program);
    case 'repeat':
      return writeRepeat(node.part, node.min, node.max, program);
  }
}

function writeChoice(parts: readonly PatternNode[], program: Instruction[]): boolean {
  const ends: { to: number }[] = [];
  for (const [i, part] of parts.entries()) {
    const isLast = i === parts.length - 1;
    const split = { op: 'split' as const, to: program.length + 1, or: 0 };
    if (!isLast) program.push(split);
    if (!write(part, program)) return false;
    if (isLast) break;
    const end = { op: 'jump' as const, to: 0 };
    program.push(end);
    ends.push(end);
    split.or = program.length;
  }
  for (const end of ends) end.to = program.length;
  return true;
}

function writeRepeat(part: PatternNode, min: number, max: number, program: Instruction[]): boolean {
  if (min > MAX_INSTRUCTIONS || (Number.isFinite(max) && max > MAX_INSTRUCTIONS)) return false;
  const start = program.length;
  for (let i = 0; i < min; i++) {
    if (!write(part, program)) return false;
    // Nothing, written out a thousand times a thousand times, is still nothing.
    if (program.length === start) break;
  }
  if (!Number.isFinite(max)) {
    const split = { op: 'split' as const, to: program.length + 1, or: 0 };
    const loop = program.push(split) - 1;
    if (!write(part, program)) return false;
    program.push({ op: 'jump', to: loop });
    split.or = program.length;
    return true;
  }
  const splits: { or: number }[] = [];
  for (let i = min; i < max; i++) {
    const split = { op: 'split' as const, to: program.length + 1, or: 0 };
    program.push(split);
    splits.push(split);
    if (!write(part, program)) return false;
  }
  for (const split of splits) split.or = program.length;
  return true;
}
