// Messages that are as large as may be, and how they are sent: each on a connection of its own, until all are answered or it ends.
import { expect } from 'vitest';

import { binaryWire, frame } from '../../support/binary-wire.js';
import { within } from '../../support/deadline.js';
import { jsonWire } from '../../support/json-wire.js';
import type { Wire } from '../../support/message.js';
import type { TestServer } from '../../support/start-server.js';
import type { TestClient } from '../../support/test-client.js';

export const MB = 1024 * 1024;
/** As much as one message may have, with room for what is around it. */
export const ROOM = MB - 1_000;
const EXECUTE = 3;

export const text = (id: string, method: string, params: string): string =>
  `{"id":"${id}","type":0,"method":"${method}","params":${params}}`;
export const echo = (args: string): string => `{"name":"echo","arguments":${args}}`;
export const executeFrame = (id: number, payload: Uint8Array, flags = 0): Buffer => frame({ type: 0, id, method: EXECUTE, flags, payload });

/** An object of so many members, or as many as fit in a message. */
export function members(count: number, name: (i: number) => string): string {
  const parts: string[] = [];
  let length = 0;
  for (let i = 0; i < count && length < ROOM; i++) {
    const part = `"${name(i)}":0`;
    parts.push(part);
    length += part.length + 1;
  }
  return `{${parts.join(',')}}`;
}

export const fill = (piece: string): string => piece.repeat(Math.floor(ROOM / piece.length));

/** What became of an attack: of each answer whether it is one, or the code and words of the refusal; and how the connection was closed. */
export type Outcomes = readonly string[];

/** Words of every refusal, or that all is answered: an attack that is turned away sooner than it thinks shows nothing. */
export type Attack = readonly [name: string, outcome: RegExp | 'answered', attack: () => Promise<Outcomes>];

export function expectOutcome(outcomes: Outcomes, expected: RegExp | 'answered'): void {
  expect(outcomes.length).toBeGreaterThan(0);
  for (const outcome of outcomes) {
    if (expected === 'answered') expect(outcome).toBe(expected);
    else expect(outcome).toMatch(expected);
  }
}

export async function sendTexts(server: TestServer, ...messages: readonly string[]): Promise<Outcomes> {
  const client = await server.client();
  return sendAll(client, jsonWire(), messages.length, () => {
    for (const message of messages) client.send(message, { asText: true });
  });
}

export async function sendFrames(server: TestServer, initialize: Record<string, unknown>, ...frames: readonly Buffer[]): Promise<Outcomes> {
  const client = await server.client({ encoding: 'binary' }, initialize);
  return sendAll(client, binaryWire(), frames.length, () => {
    for (const one of frames) client.send(one);
  });
}

async function sendAll(client: TestClient, wire: Wire, count: number, send: () => void): Promise<Outcomes> {
  client.socket.removeAllListeners('message');
  // Read when all are there: the answers are as large as the attack.
  const received: (readonly [Buffer, boolean])[] = [];
  const closed: string[] = [];
  const answered = new Promise<void>((resolve) => {
    client.socket.on('message', (data: Buffer, isBinary: boolean) => received.push([data, isBinary]) === count && resolve());
    client.socket.on('close', (code) => {
      closed.push(`closed ${code}`);
      resolve();
    });
  });
  send();
  await within('answers', answered, 30_000);
  client.terminate();
  const answers = received.flatMap((message) => wire.read(...message));
  return [...answers.map(({ error }) => (error === undefined ? 'answered' : `${error.code} ${error.message}`)), ...closed];
}
