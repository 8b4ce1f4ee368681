import { expect, it } from 'vitest';

import { ConnectionState, mayMove } from './connection-state.js';

it('has the numbers of the guide', () => {
  expect(ConnectionState).toEqual({ CONNECTING: 0, CONNECTED: 1, CLOSING: 2, CLOSED: 3 });
});

it('moves forward only', () => {
  const states = Object.values(ConnectionState);
  const allowed = states.flatMap((from) => states.filter((to) => mayMove(from, to)).map((to) => `${from}>${to}`));
  expect(allowed).toEqual(['0>1', '0>2', '0>3', '1>2', '1>3', '2>3']);
});
