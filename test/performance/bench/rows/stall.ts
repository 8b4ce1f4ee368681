// The longest time for which our event loop did not turn, in all that was measured before this row. Time in which it could have
// turned but other processes had the processors is not in it, and is told beside it.
import { notMeasured, rowOf, type RowMaker } from '../bench-row.js';
import { longestStall } from '../servers/stalls.js';

const NAME = 'longest event-loop stall in any of these, ms';

export const stall: RowMaker = async () => {
  const ours = longestStall('ours');
  if (ours === undefined) return Promise.resolve([notMeasured(NAME, 'no other row was')]);
  const bare = longestStall('bare-ws');
  const detail = `${ours.wallMs.toFixed(0)} ms by the clock, during ${ours.during}; bare ws ${bare?.stallMs.toFixed(0) ?? '?'} and ${bare?.wallMs.toFixed(0) ?? '?'} ms`;
  return Promise.resolve([rowOf(NAME, [ours.stallMs], detail, { atMost: 50 })]);
};
