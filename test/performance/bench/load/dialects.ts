// How a call of a tool looks in each server's own protocol, and how its answer is known. All are text over WebSocket but our
// binary frames; each is what the peer's own client sends.
import type { WebSocket } from 'ws';
import { FrameWriter, METHOD_NUMBERS, type MethodName } from '@mcpw/protocol';

import { firstText, initialize, nextText } from './client-socket.js';
import type { RequestJob } from './load-jobs.js';

export interface Tally {
  /** Answers in a message; 0 for one that is none. */
  readonly count: number;
  readonly failed: number;
}

export interface Dialect {
  readonly subprotocol?: string;
  /** What the protocol wants before the first request. */
  greet(socket: WebSocket): Promise<unknown>;
  /** A message with `count` requests. */
  encode(count: number, params: object, paramsText: string): string | Uint8Array;
  tally(data: Buffer, isBinary: boolean): Tally;
}

const ONE: Tally = { count: 1, failed: 0 };
const ONE_FAILED: Tally = { count: 1, failed: 1 };
const NONE: Tally = { count: 0, failed: 0 };

/** A connection's own: it numbers its requests. */
export function dialectOf(job: RequestJob): Dialect {
  switch (job.dialect ?? (job.initialize ? 'mcpw' : 'bare')) {
    case 'mcpw':
      return job.encoding === 'json' ? mcpwText(job, true) : mcpwBinary(job);
    case 'bare':
      return mcpwText(job, false);
    case 'socket.io':
      return socketIo(job);
    case 'json-rpc':
      return jsonRpc(job);
    case 'mcp':
      return mcp();
  }
}

function mcpwText({ method }: RequestJob, isOurs: boolean): Dialect {
  let id = 1;
  const one = (params: string): string => `{"id":"r${id++}","type":0,"method":"${method}","params":${params}}`;
  return {
    greet: async (socket) => (isOurs ? initialize(socket) : Promise.resolve()),
    encode: (count, _, params) =>
      count === 1
        ? one(params)
        : `{"id":"b${id++}","type":6,"params":{"messages":[${Array.from({ length: count }, () => one(params)).join()}]}}`,
    tally: textTally,
  };
}

function textTally(data: Buffer): Tally {
  const text = data.toString('latin1');
  if (!text.includes('"type":6')) return text.includes('"type":3') ? ONE_FAILED : ONE;
  const { messages } = (JSON.parse(text) as { params: { messages: { type: number }[] } }).params;
  return { count: messages.length, failed: messages.filter(({ type }) => type === 3).length };
}

const TYPE_OFFSET = 5;
const SIZE_OFFSET = 20;
const HEADER_BYTES = 24;

function mcpwBinary({ method }: RequestJob): Dialect {
  const writer = new FrameWriter();
  let id = 1;
  const one = (params: object): Uint8Array => writer.request(id++, METHOD_NUMBERS[method as MethodName], params);
  return {
    subprotocol: 'mcpw.v1.binary',
    greet: async (socket) => initialize(socket),
    encode: (count, params) =>
      count === 1
        ? one(params)
        : writer.batch(
            id++,
            Array.from({ length: count }, () => one(params)),
          ),
    tally: (data, isBinary) => (isBinary ? frameTally(data) : textTally(data)),
  };
}

function frameTally(data: Buffer): Tally {
  if (data[TYPE_OFFSET] !== 6) return data[TYPE_OFFSET] === 3 ? ONE_FAILED : ONE;
  let count = 0;
  let failed = 0;
  for (let at = HEADER_BYTES; at < data.length; at += HEADER_BYTES + data.readUInt32BE(at + SIZE_OFFSET)) {
    count++;
    if (data[at + TYPE_OFFSET] === 3) failed++;
  }
  return { count, failed };
}

/** Engine.IO 4 and Socket.IO 5: an event that wants an acknowledgement. */
function socketIo({ method }: RequestJob): Dialect {
  let id = 1;
  return {
    greet: socketIoGreeting,
    encode: (_count, _params, text) => `42${id++}["${method}",${text}]`,
    tally: (data) => (data[1] === 0x33 ? ONE : NONE),
  };
}

export async function socketIoGreeting(socket: WebSocket): Promise<void> {
  await firstText(socket);
  socket.on('message', (data: Buffer) => {
    if (data.length === 1 && data[0] === 0x32) socket.send('3'); // its ping
  });
  const connected = nextText(socket);
  socket.send('40');
  await connected;
}

function jsonRpc({ method }: RequestJob): Dialect {
  let id = 1;
  return {
    greet: async () => Promise.resolve(),
    encode: (_count, _params, text) => `{"jsonrpc":"2.0","id":${id++},"method":"${method}","params":${text}}`,
    tally: rpcTally,
  };
}

function mcp(): Dialect {
  let id = 1;
  return {
    subprotocol: 'mcp',
    greet: async (socket) => {
      const clientInfo = { name: 'bench', version: '1' };
      const answer = nextText(socket);
      socket.send(
        JSON.stringify({
          jsonrpc: '2.0',
          id: 0,
          method: 'initialize',
          params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo },
        }),
      );
      await answer;
      socket.send('{"jsonrpc":"2.0","method":"notifications/initialized"}');
    },
    encode: (_count, _params, text) => `{"jsonrpc":"2.0","id":${id++},"method":"tools/call","params":${text}}`,
    tally: rpcTally,
  };
}

function rpcTally(data: Buffer): Tally {
  return data.toString('latin1').includes('"error"') ? ONE_FAILED : ONE;
}
