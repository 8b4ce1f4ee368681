// Messages that are as large as may be, and how they are sent: each on a connection of its own, until all are answered or it ends.
import { frame } from '../../support/binary-wire.js';
import { within } from '../../support/deadline.js';
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

export async function sendTexts(server: TestServer, ...messages: readonly string[]): Promise<void> {
  const client = await server.client();
  await sendAll(client, messages.length, () => {
    for (const message of messages) client.send(message, { asText: true });
  });
}

export async function sendFrames(server: TestServer, initialize: Record<string, unknown>, ...frames: readonly Buffer[]): Promise<void> {
  const client = await server.client({ encoding: 'binary' }, initialize);
  await sendAll(client, frames.length, () => {
    for (const one of frames) client.send(one);
  });
}

async function sendAll(client: TestClient, count: number, send: () => void): Promise<void> {
  client.socket.removeAllListeners('message');
  let answers = 0;
  const answered = new Promise<void>((resolve) => {
    client.socket.on('message', () => ++answers === count && resolve());
    client.socket.on('close', () => resolve());
  });
  send();
  await within('answers', answered, 30_000);
  client.terminate();
}
