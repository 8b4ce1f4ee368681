import { Socket } from 'node:net';

import { expect, it } from 'vitest';

import { HttpPeers } from './http-peers.js';

const KEPT_PEERS = 64;

it('keeps no more principals of one connection apart than it may, and all connections', () => {
  const peers = new HttpPeers();
  const [one, other] = [new Socket(), new Socket()];
  const of = (socket: Socket, id: number) => peers.of(socket, { id: `p${id}`, tenant: 't', scopes: [] }, '192.0.2.1');
  const [first, elsewhere] = [of(one, 0), of(other, 0)];
  expect(elsewhere).not.toBe(first);
  for (let id = 1; id < KEPT_PEERS; id++) of(one, id);
  expect(of(one, 0), 'as many as it may').toBe(first);
  of(one, KEPT_PEERS);
  expect(of(one, 0), 'and one more').not.toBe(first);
  expect(of(other, 0)).toBe(elsewhere);
});
