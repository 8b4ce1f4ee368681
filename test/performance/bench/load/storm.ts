// A reconnect storm: all clients lose their connections at once, events go on, all come back and catch up. Counts what is lost.
import type { WebSocket } from 'ws';

import { ask, inLanes, initialize, open } from './client-socket.js';
import { NOTHING, type JobResult, type Runnable, type StormJob } from './load-jobs.js';

const EVENT = 'bench.tick';
const CAUGHT_UP_WITHIN_MS = 60_000;
const BACKOFF_MS = 200;
const MOST_REFUSALS = 20;

interface Session {
  session_id: string;
  resume_token: string;
  resumed: boolean;
}

class Client {
  private socket: WebSocket | undefined;
  private session: Session | undefined;
  private subscription = '';
  private cursor = '';
  private seen = 0;
  private wanted = Infinity;
  private onCaughtUp: () => void = () => undefined;

  constructor(private readonly job: StormJob) {}

  async begin(): Promise<void> {
    this.socket = await open(this.job.url, { key: this.job.key });
    if (!this.job.sessions) return;
    this.session = await initialize<Session>(this.socket);
    const params = { events: [EVENT] };
    const { subscription_id: id, cursor } = await ask<{ subscription_id: string; cursor: string }>(this.socket, {
      id: 'sub',
      type: 0,
      method: 'event.subscribe',
      params,
    });
    this.subscription = id;
    this.cursor = cursor;
  }

  drop(): void {
    this.socket?.terminate();
  }

  /**
   * Resolves when it has all that it missed. Where it is not let in, it comes again, as clients do.
   * @returns how often it was turned away @throws Error where its session is lost
   */
  async comeBack(missed: number): Promise<number> {
    for (let refusals = 0; ; refusals++) {
      try {
        this.socket = await open(this.job.url, { key: this.job.key });
        if (this.job.sessions) await this.resume(this.socket, missed);
        return refusals;
      } catch (error) {
        if (refusals === MOST_REFUSALS) throw error;
        await new Promise((resolve) => setTimeout(resolve, Math.random() * BACKOFF_MS));
      }
    }
  }

  private async resume(socket: WebSocket, missed: number): Promise<void> {
    this.seen = 0;
    this.wanted = missed;
    const caughtUp = new Promise<void>((resolve) => (this.onCaughtUp = resolve));
    socket.on('message', (data: Buffer) => this.receive(data));
    const { session_id, resume_token } = this.session as Session;
    const cursors = { [this.subscription]: this.cursor };
    this.session = await initialize<Session>(socket, { resume: { session_id, resume_token, cursors } });
    if (!this.session.resumed) throw new Error('a session was not resumed');
    await caughtUp;
  }

  private receive(data: Buffer): void {
    if (!data.includes(`"${EVENT}"`)) return;
    this.cursor = (JSON.parse(data.toString()) as { params: { cursor: string } }).params.cursor;
    if (++this.seen === this.wanted) this.onCaughtUp();
  }
}

/** `done`: clients that are back with all they missed; `errors`: those that are not; `seconds`: from the drop to the last. */
export async function storm(job: StormJob): Promise<Runnable> {
  const clients = Array.from({ length: job.clients }, () => new Client(job));
  await inLanes(job.clients, 50, async (index) => clients[index]?.begin());
  const publisher = job.sessions ? await open(job.url, { key: job.key }) : undefined;
  if (publisher !== undefined) await initialize(publisher);
  let events = 0;
  const run = async (): Promise<JobResult> => {
    const begin = performance.now();
    for (const client of clients) client.drop();
    if (publisher !== undefined) {
      for (let i = 0; i < job.missed; i++) {
        await ask(publisher, { id: `p${events++}`, type: 0, method: 'event.publish', params: { event: EVENT, data: { n: events } } });
      }
    }
    let done = 0;
    let errors = 0;
    let refusals = 0;
    let lastAt = begin;
    const back = inLanes(job.clients, job.parallel, async (index) => {
      try {
        refusals += (await clients[index]?.comeBack(job.missed)) ?? 0;
        done++;
        lastAt = performance.now();
      } catch (error) {
        if (errors++ === 0)
          console.error(
            `a client of ${job.url} (${job.sessions}) did not come back after ${Math.round(performance.now() - begin)} ms: ${String(error)}`,
          );
      }
    });
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([back, new Promise((resolve) => (timer = setTimeout(resolve, CAUGHT_UP_WITHIN_MS)))]);
    clearTimeout(timer);
    return { ...NOTHING, done, refusals, errors: Math.max(errors, job.clients - done), seconds: (lastAt - begin) / 1000 };
  };
  return { run };
}
