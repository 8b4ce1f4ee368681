// Subscribers that count what they get, and a publisher that publishes the next burst when all of them have the last.
import type { WebSocket } from 'ws';

import { ask, firstText, initialize, open, openMany } from './client-socket.js';
import { socketIoGreeting } from './dialects.js';
import { NOTHING, type FanOutJob, type JobResult, type Runnable } from './load-jobs.js';

/** What is told to each subscriber. */
const DATA = { text: 'hello', n: 1, ok: true, from: 'bench' };
/** Each load's own: others may have subscribers at the same server. */
const EVENT = `bench.tick.${process.pid}`;
const DELIVERED_WITHIN_MS = 20_000;

interface Side {
  /** Makes an open connection a subscriber's. */
  subscribe(socket: WebSocket): Promise<unknown>;
  /** Makes an open connection the publisher's. */
  greet(socket: WebSocket): Promise<unknown>;
  /** Events in a message. */
  count(data: Buffer, isBinary: boolean): number;
  publish(socket: WebSocket, burst: number): void;
}

export async function fanOut(job: FanOutJob): Promise<Runnable> {
  const side = sideOf(job);
  const options = { key: job.key, subprotocol: job.dialect === 'mcpw' && job.encoding === 'binary' ? 'mcpw.v1.binary' : undefined };
  let delivered = 0;
  let wanted = Infinity;
  let onAll: () => void = () => undefined;
  await openMany(job.subscribers, async () => {
    const socket = await open(job.url, options);
    await side.subscribe(socket);
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      delivered += side.count(data, isBinary);
      if (delivered >= wanted) onAll();
    });
    return socket;
  });
  const publisher = await open(job.url, { key: job.key });
  await side.greet(publisher);
  const once = async (burst: number): Promise<void> => {
    wanted = delivered + job.subscribers * burst;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      onAll = resolve;
      timer = setTimeout(() => reject(new Error(`${wanted - delivered} deliveries are missing`)), DELIVERED_WITHIN_MS);
      side.publish(publisher, burst);
    });
    clearTimeout(timer);
  };
  const run = async (seconds: number, burst = 1): Promise<JobResult> => {
    const begin = performance.now();
    const before = delivered;
    while (performance.now() < begin + seconds * 1000) await once(burst);
    return { ...NOTHING, done: delivered - before, seconds: (performance.now() - begin) / 1000 };
  };
  return { run };
}

function sideOf({ dialect }: FanOutJob): Side {
  switch (dialect) {
    case 'mcpw':
      return mcpw();
    case 'bare':
      return bare();
    case 'socket.io':
      return socketIo();
    case 'nats':
      return nats();
  }
}

function mcpw(): Side {
  let id = 1;
  const one = (): object => ({ id: `p${id++}`, type: 0, method: 'event.publish', params: { event: EVENT, data: DATA } });
  return {
    subscribe: async (socket) => {
      await initialize(socket);
      await ask(socket, { id: 'sub', type: 0, method: 'event.subscribe', params: { events: [EVENT] } });
    },
    greet: async (socket) => {
      await initialize(socket);
      socket.on('message', (data: Buffer) => {
        if (data.includes('"error"')) throw new Error(data.toString());
      });
    },
    count: () => 1,
    publish: (socket, burst) => {
      const message = burst === 1 ? one() : { id: `b${id++}`, type: 6, params: { messages: Array.from({ length: burst }, one) } };
      socket.send(JSON.stringify(message));
    },
  };
}

/** The bare server sends to all what it gets as an array; who publishes gets it too and does not count. */
function bare(): Side {
  return {
    subscribe: async () => Promise.resolve(),
    greet: async () => Promise.resolve(),
    count: () => 1,
    publish: (socket, burst) => socket.send(JSON.stringify(Array.from({ length: burst }, () => ({ event: EVENT, data: DATA })))),
  };
}

function socketIo(): Side {
  return {
    subscribe: async (socket) => {
      await socketIoGreeting(socket);
      socket.send(`42["subscribe","${EVENT}"]`);
    },
    greet: socketIoGreeting,
    count: (data) => (data.length > 1 ? 1 : 0),
    publish: (socket, burst) => {
      const events = Array.from({ length: burst }, () => ({ event: EVENT, data: DATA }));
      socket.send(`42${JSON.stringify(['publish', events])}`);
    },
  };
}

function nats(): Side {
  const greet = async (socket: WebSocket): Promise<void> => {
    await firstText(socket); // INFO
    socket.on('message', (data: Buffer) => {
      if (data.includes('PING\r\n')) socket.send('PONG\r\n');
    });
    const pong = new Promise((resolve) => socket.once('message', resolve));
    socket.send('CONNECT {"verbose":false}\r\nPING\r\n');
    await pong;
  };
  const text = JSON.stringify({ event: EVENT, data: DATA });
  const message = `PUB ${EVENT} ${text.length}\r\n${text}\r\n`;
  return {
    subscribe: async (socket) => {
      await greet(socket);
      socket.send(`SUB ${EVENT} 1\r\nPING\r\n`);
      await new Promise((resolve) => socket.once('message', resolve));
    },
    greet,
    count: (data) => countOf(data, 'MSG '),
    publish: (socket, burst) => socket.send(message.repeat(burst)),
  };
}

function countOf(data: Buffer, word: string): number {
  let count = 0;
  for (let at = data.indexOf(word); at >= 0; at = data.indexOf(word, at + 1)) count++;
  return count;
}
