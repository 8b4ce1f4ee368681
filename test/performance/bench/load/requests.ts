// Requests over WebSocket: as many as are answered, or at a rate, on each connection or roaming over all of them.
import type { WebSocket } from 'ws';

import { open, openMany } from './client-socket.js';
import { dialectOf, type Dialect } from './dialects.js';
import type { JobResult, RequestJob, Runnable } from './load-jobs.js';

const DRAINED_WITHIN_MS = 5_000;

export async function requests(job: RequestJob): Promise<Runnable> {
  const dialects: Dialect[] = [];
  const sockets = await openMany(job.connections, async (index) => {
    const dialect = (dialects[index] = dialectOf(job));
    const socket = await open(job.url, { key: job.key, subprotocol: dialect.subprotocol });
    await dialect.greet(socket);
    return socket;
  });
  const run = new Run(job);
  const lanes = sockets.map((socket, index) => new Lane(socket, dialects[index] as Dialect, run));
  return { run: async (seconds) => run.go(lanes, seconds) };
}

/** What the connections of a job share: the stretch that is measured now. */
class Run {
  times: number[] = [];
  done = 0;
  errors = 0;
  pending = 0;
  isOver = true;
  private nextLane = 0;
  private lanes: readonly Lane[] = [];
  private whenDrained: (() => void) | undefined;
  private readonly paramsText: string;

  constructor(readonly job: RequestJob) {
    this.paramsText = JSON.stringify(job.params);
  }

  async go(lanes: readonly Lane[], seconds: number): Promise<JobResult> {
    const { rate, roaming } = this.job;
    this.lanes = lanes;
    this.times = [];
    this.done = this.errors = 0;
    this.isOver = false;
    const begin = performance.now();
    if (rate !== undefined) this.pace(rate, begin + seconds * 1000);
    else if (roaming !== undefined) for (let i = 0; i < roaming; i++) this.roam();
    else for (const lane of lanes) lane.fill();
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    this.isOver = true;
    const elapsed = (performance.now() - begin) / 1000;
    await this.drained();
    const { done, errors, times } = this;
    times.sort((a, b) => a - b);
    const at = (part: number): number => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0;
    return { done, errors, seconds: elapsed, p50Ms: at(0.5), p99Ms: at(0.99) };
  }

  /** The next request on the next connection. */
  roam(): void {
    this.nextLane = (this.nextLane + 1) % this.lanes.length;
    this.lanes[this.nextLane]?.send();
  }

  answered(count: number, failed: number): void {
    this.done += count;
    this.errors += failed;
    this.pending -= count;
    if (this.pending === 0) this.whenDrained?.();
  }

  params(): { params: object; text: string } {
    const { params, variety } = this.job;
    if (variety === undefined) return { params, text: this.paramsText };
    const varied = { ...params, [variety.member]: `${variety.prefix}${Math.floor(Math.random() * variety.count)}` };
    return { params: varied, text: JSON.stringify(varied) };
  }

  private pace(perSecond: number, end: number): void {
    const everyMs = 1000 / perSecond;
    let due = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      if (now >= end) return clearInterval(timer);
      for (; due <= now; due += everyMs) this.roam();
    }, 1);
  }

  private async drained(): Promise<void> {
    if (this.pending === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${this.pending} requests were not answered`)), DRAINED_WITHIN_MS);
    });
    await Promise.race([new Promise<void>((resolve) => (this.whenDrained = resolve)), late]);
    clearTimeout(timer);
    this.whenDrained = undefined;
  }
}

/** One connection's requests. */
class Lane {
  private pending = 0;
  private readonly sentAt: number[] = [];
  private oldest = 0;

  constructor(
    private readonly socket: WebSocket,
    private readonly dialect: Dialect,
    private readonly shared: Run,
  ) {
    socket.on('message', (data: Buffer, isBinary: boolean) => this.receive(data, isBinary));
  }

  fill(): void {
    const { inFlight, batch } = this.shared.job;
    while (this.pending + batch <= inFlight) this.send();
  }

  send(): void {
    const { batch } = this.shared.job;
    const now = performance.now();
    for (let i = 0; i < batch; i++) this.sentAt.push(now);
    this.pending += batch;
    this.shared.pending += batch;
    const { params, text } = this.shared.params();
    this.socket.send(this.dialect.encode(batch, params, text));
  }

  private receive(data: Buffer, isBinary: boolean): void {
    const { count, failed } = this.dialect.tally(data, isBinary);
    if (count === 0) return;
    const now = performance.now();
    for (let i = 0; i < count; i++) this.shared.times.push(now - (this.sentAt[this.oldest++] ?? now));
    if (this.oldest === this.sentAt.length) this.oldest = this.sentAt.length = 0;
    this.pending -= count;
    this.shared.answered(count, failed);
    const { isOver, job } = this.shared;
    if (isOver || job.rate !== undefined) return;
    if (job.roaming === undefined) this.fill();
    else this.shared.roam();
  }
}
