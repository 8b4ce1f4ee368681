// The load: a process of its own, so that its cost is not the server's. Reads a job from its parent, does it, answers.
import { WebSocket } from 'ws';
import { FrameWriter, METHOD_NUMBERS, type MethodName } from '@mcpw/protocol';

import type { HandshakeJob, IdleJob, Job, JobResult, RequestJob } from './load-jobs.js';

process.on('message', (job: Job) => {
  run(job).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});

async function run(job: Job): Promise<JobResult> {
  if (job.kind === 'requests') return requests(job);
  return job.kind === 'idle' ? idle(job) : handshakes(job);
}

const NOTHING: JobResult = { done: 0, errors: 0, seconds: 0, p50Ms: 0, p99Ms: 0 };

async function open(url: string, key: string | undefined, subprotocol: string | undefined): Promise<WebSocket> {
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const socket = new WebSocket(url, subprotocol === undefined ? [] : [subprotocol], { headers, perMessageDeflate: false });
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
  });
}

async function initialized(socket: WebSocket): Promise<void> {
  const answer = new Promise<string>((resolve) => socket.once('message', (data: Buffer) => resolve(data.toString())));
  socket.send('{"id":"init","type":0,"method":"initialize","params":{"name":"bench","version":"1"}}');
  const text = await answer;
  if (text.includes('"error"')) throw new Error(text);
}

async function idle({ url, key, connections, initialize }: IdleJob): Promise<JobResult> {
  for (let opened = 0; opened < connections; opened += 100) {
    const sockets = await Promise.all(Array.from({ length: Math.min(100, connections - opened) }, () => open(url, key, undefined)));
    if (initialize) await Promise.all(sockets.map(initialized));
  }
  return { ...NOTHING, done: connections };
}

async function handshakes({ url, key, parallel, seconds }: HandshakeJob): Promise<JobResult> {
  const begin = performance.now();
  const end = begin + seconds * 1000;
  let done = 0;
  const lane = async (): Promise<void> => {
    while (performance.now() < end) {
      (await open(url, key, undefined)).terminate();
      done++;
    }
  };
  await Promise.all(Array.from({ length: parallel }, lane));
  return { ...NOTHING, done, seconds: (performance.now() - begin) / 1000 };
}

const BATCH_OFFSET = 5;

async function requests(job: RequestJob): Promise<JobResult> {
  const { url, key, encoding, connections, seconds } = job;
  const subprotocol = job.initialize && encoding === 'binary' ? 'mcpw.v1.binary' : undefined;
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(url, key, subprotocol)));
  if (job.initialize) await Promise.all(sockets.map(initialized));
  const times: number[] = [];
  let done = 0;
  let errors = 0;
  let isOver = false;
  const begin = performance.now();
  const ended = sockets.map(
    (socket) =>
      new Promise<void>((resolve) => {
        const sender = new Sender(socket, job);
        socket.on('message', (data: Buffer, isBinary: boolean) => {
          const { count, failed } = tally(data, isBinary);
          done += count;
          errors += failed;
          sender.answered(count, times);
          if (!isOver) sender.fill();
          else if (sender.pending === 0) resolve();
        });
        sender.fill();
      }),
  );
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  isOver = true;
  const elapsed = (performance.now() - begin) / 1000;
  const counted = done;
  await Promise.race([Promise.all(ended), new Promise((resolve) => setTimeout(resolve, 2000))]);
  for (const socket of sockets) socket.terminate();
  times.sort((a, b) => a - b);
  const at = (part: number): number => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0;
  return { done: counted, errors, seconds: elapsed, p50Ms: at(0.5), p99Ms: at(0.99) };
}

/** How many answers a message holds, and how many of them are errors. */
function tally(data: Buffer, isBinary: boolean): { count: number; failed: number } {
  if (!isBinary) {
    const text = data.latin1Slice(0, data.length);
    if (!text.includes('"type":6')) return { count: 1, failed: text.includes('"type":3') ? 1 : 0 };
    const { messages } = (JSON.parse(text) as { params: { messages: { type: number }[] } }).params;
    return { count: messages.length, failed: messages.filter(({ type }) => type === 3).length };
  }
  if (data[BATCH_OFFSET] !== 6) return { count: 1, failed: data[BATCH_OFFSET] === 3 ? 1 : 0 };
  let count = 0;
  let failed = 0;
  for (let at = 24; at < data.length; at += 24 + data.readUInt32BE(at + 20)) {
    count++;
    if (data[at + BATCH_OFFSET] === 3) failed++;
  }
  return { count, failed };
}

/** One connection's requests, encoded ahead but for their ids. */
class Sender {
  pending = 0;
  private nextId = 1;
  private readonly sentAt: number[] = [];
  private readonly writer = new FrameWriter();
  private readonly paramsText: string;

  constructor(
    private readonly socket: WebSocket,
    private readonly job: RequestJob,
  ) {
    this.paramsText = JSON.stringify(job.params);
  }

  fill(): void {
    const { inFlight, batch, rate, connections } = this.job;
    if (rate !== undefined) {
      if (this.nextId === 1) this.paced(rate / connections);
      return;
    }
    while (this.pending + batch <= inFlight) this.send();
  }

  answered(count: number, times: number[]): void {
    this.pending -= count;
    const now = performance.now();
    for (let i = 0; i < count; i++) times.push(now - (this.sentAt.shift() ?? now));
  }

  private paced(perSecond: number): void {
    const everyMs = 1000 / perSecond;
    let due = performance.now();
    const timer = setInterval(() => {
      if (this.socket.readyState !== WebSocket.OPEN) return clearInterval(timer);
      for (const now = performance.now(); due <= now; due += everyMs) this.send();
    }, 1);
  }

  private send(): void {
    const { batch, encoding } = this.job;
    const now = performance.now();
    for (let i = 0; i < batch; i++) this.sentAt.push(now);
    this.pending += batch;
    this.socket.send(encoding === 'json' ? this.text(batch) : this.frames(batch));
  }

  private text(count: number): string {
    const one = (): string => `{"id":"r${this.nextId++}","type":0,"method":"${this.job.method}","params":${this.paramsText}}`;
    if (count === 1) return one();
    return `{"id":"b${this.nextId++}","type":6,"params":{"messages":[${Array.from({ length: count }, one).join()}]}}`;
  }

  private frames(count: number): Uint8Array {
    const { method, params } = this.job;
    const one = (): Uint8Array => this.writer.request(this.nextId++, METHOD_NUMBERS[method as MethodName], params);
    return count === 1 ? one() : this.writer.batch(this.nextId++, Array.from({ length: count }, one));
  }
}
