// Writers of contexts, each with a context of its own, each waiting for its answer before the next change.
import type { WebSocket } from 'ws';
import { FrameWriter, METHOD_NUMBERS } from '@mcpw/protocol';

import { ask, initialize, open, openMany } from './client-socket.js';
import { NOTHING, type JobResult, type Runnable, type WriterJob } from './load-jobs.js';

const ERROR_TYPE = 3;

export async function writers({ url, key, writers: count, encoding, content }: WriterJob): Promise<Runnable> {
  const ids: string[] = [];
  const sockets = await openMany(count, async (index) => {
    const socket = await open(url, { key });
    await initialize(socket);
    const context = await ask<{ id: string }>(socket, {
      id: 'create',
      type: 0,
      method: 'context.create',
      params: { name: `writer ${index}`, truncation: 'oldest_first', max_tokens: 2000 },
    });
    ids[index] = context.id;
    return socket;
  });
  return { run: async (seconds) => write(sockets, ids, encoding, content, seconds) };
}

async function write(
  sockets: readonly WebSocket[],
  ids: readonly string[],
  encoding: 'json' | 'binary',
  content: string,
  seconds: number,
): Promise<JobResult> {
  const frames = new FrameWriter();
  const begin = performance.now();
  const end = begin + seconds * 1000;
  let sequence = 1 + Math.floor(begin) * 1000;
  let done = 0;
  let errors = 0;
  await Promise.all(
    sockets.map(
      async (socket, index) =>
        new Promise<void>((resolve) => {
          const params = { context_id: ids[index], content };
          const send = (): void => {
            const id = sequence++;
            if (encoding === 'binary') socket.send(frames.request(id, METHOD_NUMBERS['context.update'], params));
            else socket.send(JSON.stringify({ id: `w${id}`, type: 0, method: 'context.update', params }));
          };
          const onMessage = (data: Buffer, isBinary: boolean): void => {
            done++;
            if (isBinary ? data[5] === ERROR_TYPE : data.includes('"type":3')) errors++;
            if (performance.now() < end) return send();
            socket.off('message', onMessage);
            resolve();
          };
          socket.on('message', onMessage);
          send();
        }),
    ),
  );
  return { ...NOTHING, done, errors, seconds: (performance.now() - begin) / 1000 };
}
