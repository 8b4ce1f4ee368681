// A client for tests: sends anything, queues all that arrives, and hides nothing. Not an SDK: no reconnecting, no retries.
import { WebSocket } from 'ws';

import { within } from './deadline.js';
import { openSocket, type HandshakeOptions } from './handshake.js';
import { NOTIFICATION, REQUEST, type Encoding, type MessageId, type Received, type Wire } from './message.js';
import { MessageQueue } from './message-queue.js';
import { plantToken } from './planted-secrets.js';
import { wireOf } from './wire.js';

export interface ConnectOptions extends HandshakeOptions {
  /** What requests are sent in, and the subprotocol that is offered unless `subprotocols` are given. */
  readonly encoding?: Encoding;
}

/** The answer to a request: one of `result` and `error` is there. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each test knows the shape it asked for
export type Answer = Received & { readonly result?: any; readonly error?: { code: number; message: string; data?: any } };

export class TestClient {
  /** Everything received, batches unpacked, in order. */
  readonly messages: Received[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  private readonly answers = new Map<MessageId, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>();
  private readonly notifications = new MessageQueue();
  private readonly requests = new MessageQueue();
  private readonly others = new MessageQueue();
  private lastId = 0;

  private constructor(
    readonly socket: WebSocket,
    private readonly wire: Wire,
  ) {
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      for (const message of this.wire.read(data, isBinary)) this.take(message);
    });
    socket.on('error', () => undefined); // what follows it is `close`
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => {
        const why = `the connection was closed (${code} ${reason.toString()})`;
        for (const queue of [this.notifications, this.requests, this.others]) queue.end(why);
        for (const { reject } of this.answers.values()) reject(new Error(`no answer: ${why}`));
        resolve({ code, reason: reason.toString() });
      });
    });
  }

  /** @throws HandshakeRefused with the HTTP answer */
  static async connect(wsUrl: string, options: ConnectOptions = {}): Promise<TestClient> {
    const wire = wireOf(options.encoding ?? 'json');
    let client: TestClient | undefined;
    await openSocket(wsUrl, { subprotocols: wire.subprotocols, ...options }, (socket) => (client = new TestClient(socket, wire)));
    return client as TestClient;
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  /** Says `initialize` and gives its result. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as Answer
  async initialize(params: Record<string, unknown> = {}): Promise<any> {
    const session = (await this.call('initialize', { name: 'test-client', version: '1.0.0', ...params })) as { resume_token: string };
    plantToken('a resume token', session.resume_token);
    return session;
  }

  /** The id that the next request will have. */
  nextId(): MessageId {
    return this.wire.id(this.lastId + 1);
  }

  /** Sends a request; its id is known before its answer is. */
  begin(method: string, params?: unknown, meta?: object): { id: MessageId; answer: Promise<Answer> } {
    const id = this.wire.id(++this.lastId);
    const answer = this.answerTo(id, method);
    this.send(this.wire.request(id, method, params, meta));
    return { id, answer };
  }

  /** Sends a request and resolves to its answer, be it a response or an error. */
  async request(method: string, params?: unknown, meta?: object): Promise<Answer> {
    return this.begin(method, params, meta).answer;
  }

  /** Sends a request and resolves to its result; throws where the answer is an error. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as Answer
  async call(method: string, params?: unknown, meta?: object): Promise<any> {
    const answer = await this.request(method, params, meta);
    if (answer.error !== undefined)
      throw new Error(`${method}: ${answer.error.code} ${answer.error.message} ${JSON.stringify(answer.error.data ?? {})}`);
    return answer.result;
  }

  /** The answer to a message that is sent by hand with this id. Ask before sending. */
  answerTo(id: MessageId, what = 'message'): Promise<Answer> {
    const answer = new Promise<Answer>((resolve, reject) => this.answers.set(id, { resolve, reject }));
    const inTime = within(`answer to ${what} ${id}`, answer).finally(() => this.answers.delete(id));
    inTime.catch(() => undefined); // a test that does not await it has no use for its failure
    return inTime;
  }

  notify(method: string, params?: unknown, meta?: object): void {
    this.send(this.wire.notification(method, params, meta));
  }

  /** Sends requests as one batch and resolves to their answers, in the requests' order. */
  async batch(calls: readonly (readonly [method: string, params?: unknown, meta?: object])[]): Promise<Answer[]> {
    const requests = calls.map(([method, params, meta]) => {
      const id = this.wire.id(++this.lastId);
      return { answer: this.answerTo(id, method), message: this.wire.request(id, method, params, meta) };
    });
    this.send(
      this.wire.batch(
        this.wire.id(++this.lastId),
        requests.map(({ message }) => message),
      ),
    );
    return Promise.all(requests.map(({ answer }) => answer));
  }

  /** A text or binary message, byte for byte. `asText`: the bytes as a text message, be they UTF-8 or not. */
  send(message: string | Uint8Array, { asText = typeof message === 'string' } = {}): void {
    this.socket.send(message, { binary: !asText, compress: false });
  }

  sendJson(value: unknown): void {
    this.send(JSON.stringify(value));
  }

  /** The next notification (of a method) that was not taken yet. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as Answer
  async next(method?: string, timeoutMs?: number): Promise<Received & { params: any }> {
    return this.notifications.take(
      method ?? 'notification',
      (message) => method === undefined || message.method === method,
      timeoutMs,
    ) as Promise<Received & { params: never }>;
  }

  /** The next request from the server (of a method) that was not taken yet. */
  async nextRequest(method?: string, timeoutMs?: number): Promise<Received> {
    return this.requests.take(method ?? 'request', (message) => method === undefined || message.method === method, timeoutMs);
  }

  /** The next message that answers nothing we asked: an error without an id, a pong, an answer to a hand-made message. */
  async nextOther(timeoutMs?: number): Promise<Answer> {
    return this.others.take('message', () => true, timeoutMs);
  }

  /** A ping message of the protocol, to be sent by hand; not the WebSocket's own. */
  ping(id: MessageId): string | Uint8Array {
    return this.wire.ping(id);
  }

  /** Answers a request of the server's. */
  respond(id: MessageId, result: unknown, meta?: object): void {
    this.send(this.wire.response(id, result, meta));
  }

  refuse(id: MessageId, error: { code: number; message: string; data?: unknown }): void {
    this.send(this.wire.error(id, error));
  }

  /** Resolves when the server has handled all that was sent before, e.g. to show that nothing else came. */
  async settle(): Promise<void> {
    const pong = new Promise((resolve) => this.socket.once('pong', resolve));
    this.socket.ping();
    await within('pong', pong);
  }

  async close(code = 1000, reason = ''): Promise<{ code: number; reason: string }> {
    this.socket.close(code, reason);
    return within('close', this.closed);
  }

  /** Ends the TCP connection without a close frame. */
  terminate(): void {
    this.socket.terminate();
  }

  private take(message: Received): void {
    this.messages.push(message);
    const waiting = this.answers.get(message.id ?? '');
    if (message.type === NOTIFICATION) this.notifications.put(message);
    else if (message.type === REQUEST) this.requests.put(message);
    else if (waiting !== undefined) waiting.resolve(message);
    else this.others.put(message);
  }
}
