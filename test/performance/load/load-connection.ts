// One connection of the load: sends its messages, a few in flight at a time, and checks each answer.
// Leaner than the tests' client, so that the generator is not what is measured.
import type { WebSocket } from 'ws';

import { HandshakeRefused, openSocket } from '../../support/handshake.js';
import type { MessageId, Received, Wire } from '../../support/message.js';
import { wireOf } from '../../support/wire.js';
import type { LoadOptions } from './load-options.js';
import type { LoadReport } from './load-report.js';

const GREETING = 1;
/** How long the last answers may take to come. */
const LAST_ANSWERS_WITHIN_MS = 15_000;

export class LoadConnection {
  private readonly wire: Wire;
  private readonly dueAtMs = new Map<MessageId, number>();
  private socket!: WebSocket;
  private isGreeted = false;
  private sent = 0;
  private timer: NodeJS.Timeout | undefined;
  private finish!: () => void;
  private readonly finished = new Promise<void>((resolve) => (this.finish = resolve));

  constructor(
    private readonly options: LoadOptions,
    private readonly report: LoadReport,
  ) {
    this.wire = wireOf(options.encoding);
  }

  /** Connects and says `initialize`. @returns false where the server refused, which the report then says */
  async open(url: string): Promise<boolean> {
    const { key } = this.options;
    try {
      await openSocket(url, { subprotocols: this.wire.subprotocols, ...(key === undefined ? {} : { key }) }, (socket) =>
        this.attach(socket),
      );
      await this.greet();
      return true;
    } catch (error) {
      this.report.error(error instanceof HandshakeRefused ? `upgrade refused with ${error.status}` : (error as Error).message);
      this.socket.terminate();
      return false;
    }
  }

  /** Resolves when every message has its answer, or the connection has ended. */
  async run(): Promise<void> {
    const startMs = performance.now();
    this.pump(startMs);
    await this.finished;
    this.socket.close(1000);
  }

  private attach(socket: WebSocket): void {
    this.socket = socket;
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      for (const message of this.wire.read(data, isBinary)) this.take(message);
    });
    socket.once('close', (code, reason) => this.ended(`closed ${code} ${reason.toString()}`));
  }

  private async greet(): Promise<void> {
    this.socket.send(this.wire.request(this.wire.id(GREETING), 'initialize', { name: 'load', version: '1.0.0' }));
    await new Promise<void>((resolve, reject) => {
      this.onGreeted = (error) => (error === undefined ? resolve() : reject(new Error(error)));
    });
  }

  private onGreeted: (error?: string) => void = () => undefined;

  /** Sends what may go now, and comes back for the rest: when an answer makes room, or when the next message is due. */
  private pump(startMs: number): void {
    const { messages, durationMs, inFlight } = this.options;
    const gapMs = durationMs === undefined ? 0 : durationMs / messages;
    clearTimeout(this.timer);
    while (this.sent < messages && this.dueAtMs.size < inFlight) {
      const nowMs = performance.now();
      const dueMs = gapMs === 0 ? nowMs : startMs + this.sent * gapMs;
      if (dueMs > nowMs) {
        this.timer = setTimeout(() => this.pump(startMs), dueMs - nowMs);
        return;
      }
      this.sendOne(dueMs);
    }
    this.onAnswer = () => this.pump(startMs);
    if (this.sent === messages) this.timer = setTimeout(() => this.ended('no answer in time'), LAST_ANSWERS_WITHIN_MS);
  }

  private onAnswer: () => void = () => undefined;

  private sendOne(dueMs: number): void {
    const id = this.wire.id(GREETING + ++this.sent);
    this.dueAtMs.set(id, dueMs);
    this.report.sent++;
    this.socket.send(this.wire.request(id, 'tool.execute', { name: 'echo', arguments: { id } }));
  }

  private take(message: Received): void {
    if (!this.isGreeted) {
      this.isGreeted = true;
      this.onGreeted(message.error === undefined ? undefined : `initialize: ${message.error.code} ${message.error.message}`);
      return;
    }
    const dueMs = this.dueAtMs.get(message.id ?? '');
    if (dueMs === undefined) return;
    this.dueAtMs.delete(message.id ?? '');
    if (message.error !== undefined) this.report.errorCode(message.error.code);
    else if (!isEcho(message)) this.report.error('wrong answer');
    else this.report.answer(performance.now() - dueMs);
    if (this.sent === this.options.messages && this.dueAtMs.size === 0) this.ended();
    else this.onAnswer();
  }

  private ended(why = ''): void {
    this.onGreeted(why);
    clearTimeout(this.timer);
    if (this.dueAtMs.size > 0) this.report.error(why, this.dueAtMs.size);
    this.dueAtMs.clear();
    this.onAnswer = () => undefined;
    this.finish();
  }
}

/** Whether the answer is that of this very message. */
function isEcho({ id, result }: Received): boolean {
  const echoed = (result as { result?: { structured?: { id?: MessageId } } } | undefined)?.result?.structured?.id;
  return echoed === id;
}
