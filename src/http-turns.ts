// A client may send many requests over one connection before any of them is answered, and Node hands on all that have come at once.
// Here each next one of a connection waits for a turn of the event loop of its own, so that a hundred of them hold up nobody.
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Fastify's hook `onRequest`, to be its first. */
export function oneRequestATurn(): (request: { readonly raw: IncomingMessage }, reply: unknown, done: () => void) => void {
  const lastTurns = new WeakMap<Socket, Promise<void>>();
  return ({ raw: { socket } }, _reply, done) => {
    const before = lastTurns.get(socket);
    const turn = (before ?? Promise.resolve()).then(() => nextTurn());
    lastTurns.set(socket, turn);
    void turn.then(() => {
      if (lastTurns.get(socket) === turn) lastTurns.delete(socket);
    });
    if (before === undefined) done();
    else void before.then(() => done());
  };
}
