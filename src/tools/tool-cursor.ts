// Where a page of `tool.list` ended: the last tool's place in the order, not its index, so that tools may come and go between pages.
import { Failure } from '../extension/failure.js';

export interface ToolPosition {
  readonly name: string;
  /** Set where the list is ranked. */
  readonly score?: number;
}

export const writeToolCursor = ({ name, score }: ToolPosition): string =>
  Buffer.from(JSON.stringify(score === undefined ? ['t', name] : ['t', name, score])).toString('base64url');

/**
 * @param isRanked whether the list that it continues is ranked: a cursor of the other order is not one
 * @throws Failure `invalid_params`
 */
export function readToolCursor(cursor: string, isRanked: boolean): ToolPosition {
  try {
    const [kind, name, score, ...rest] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    const isWhole = kind === 't' && typeof name === 'string' && rest.length === 0;
    if (isWhole && isRanked && Number.isSafeInteger(score)) return { name, score: score as number };
    if (isWhole && !isRanked && score === undefined) return { name };
  } catch {
    // Falls through: text that is not even JSON is no better than JSON of another shape.
  }
  throw Failure.invalidParams([{ path: '/cursor', message: 'is not a cursor of this list' }]);
}
