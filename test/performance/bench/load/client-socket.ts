// What all loads do with a WebSocket: open it, say `initialize`, wait for one message.
import { WebSocket } from 'ws';

export interface OpenOptions {
  readonly key?: string | undefined;
  readonly subprotocol?: string | undefined;
}

const HANDSHAKE_TIMEOUT_MS = 30_000;
/** Clients come from several hosts: what is limited for one address is not to be what is measured. */
const ADDRESSES = 250;
let opened = 0;
const firstTexts = new WeakMap<WebSocket, Promise<string>>();

export async function open(url: string, { key, subprotocol }: OpenOptions = {}): Promise<WebSocket> {
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const localAddress = `127.0.1.${1 + (opened++ % ADDRESSES)}`;
  const options = { headers, perMessageDeflate: false, handshakeTimeout: HANDSHAKE_TIMEOUT_MS, localAddress };
  const socket = new WebSocket(url, subprotocol === undefined ? [] : [subprotocol], options);
  // Servers that speak first may do so in one packet with the handshake's end: before whoever waits for `open` can listen.
  firstTexts.set(socket, nextText(socket));
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
  });
}

/** The first message on a connection, whenever it came. */
export async function firstText(socket: WebSocket): Promise<string> {
  return firstTexts.get(socket) ?? nextText(socket);
}

/** Opens many, as many at a time as a server takes from strangers. */
export async function openMany(count: number, openOne: (index: number) => Promise<WebSocket>): Promise<WebSocket[]> {
  const sockets: WebSocket[] = [];
  await inLanes(count, 50, async (index) => {
    sockets[index] = await openOne(index);
  });
  return sockets;
}

/** Does `count` tasks, `lanes` at a time. */
export async function inLanes(count: number, lanes: number, task: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await task(next++);
  };
  await Promise.all(Array.from({ length: Math.min(lanes, count) }, lane));
}

/** Sends text and resolves with the parsed message that comes next. @throws Error where that is an error of our protocol's */
export async function ask<T>(socket: WebSocket, request: object): Promise<T> {
  const answer = nextText(socket);
  socket.send(JSON.stringify(request));
  const message = JSON.parse(await answer) as { type?: number; result: T; error?: object };
  if (message.error !== undefined) throw new Error(JSON.stringify(message.error));
  return message.result;
}

export async function nextText(socket: WebSocket): Promise<string> {
  return new Promise((resolve) => socket.once('message', (data: Buffer) => resolve(data.toString())));
}

export async function initialize<T = unknown>(socket: WebSocket, more: object = {}): Promise<T> {
  return ask<T>(socket, { id: 'init', type: 0, method: 'initialize', params: { name: 'bench', version: '1', ...more } });
}
