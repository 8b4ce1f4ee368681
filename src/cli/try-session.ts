// The smallest client there is: one text connection that asks and waits. For trying a server by hand, not for programs: those
// have the client package, which comes back after a lost connection.
import { MessageType, requestText } from '@mcpw/protocol';
import { WebSocket, type RawData } from 'ws';

/** Why there is no answer, in words for a terminal. */
export class TryError extends Error {}

export interface Notification {
  readonly method: string;
  readonly params: unknown;
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

interface Envelope {
  readonly id?: unknown;
  readonly type?: unknown;
  readonly method?: unknown;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code?: unknown; readonly message?: unknown; readonly data?: unknown };
}

const PATIENCE_MS = 35_000;

export class TrySession {
  /** Settles when the connection has ended: how, and why. */
  readonly ended: Promise<string>;
  /** Called with each notification. */
  onNotification: (notification: Notification) => void = () => undefined;
  private readonly waiting = new Map<string, Waiting>();
  private asked = 0;

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (data) => this.receive(data));
    socket.on('error', () => undefined); // 'close' follows, and tells
    this.ended = new Promise((resolve) => {
      socket.once('close', (code, reason) => {
        const how = `the connection was closed: ${code} ${reason.toString()}`.trim();
        for (const { reject } of this.waiting.values()) reject(new TryError(how));
        resolve(how);
      });
    });
  }

  /** @throws TryError when the server refuses or is not there */
  static async open(url: string, key: string | undefined): Promise<TrySession> {
    const socket = new WebSocket(url, {
      headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
      handshakeTimeout: PATIENCE_MS,
    });
    const session = new TrySession(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('unexpected-response', (_, response) => {
        void textOf(response).then((text) => reject(new TryError(`the server refused: ${response.statusCode ?? ''} ${messageOf(text)}`)));
      });
      socket.once('error', (error) =>
        reject(new TryError(`no connection to ${url}: ${error.message || String((error as { code?: unknown }).code)}`)),
      );
    });
    return session;
  }

  /** @throws TryError with the server's error, or when there is no answer in time */
  async ask(method: string, params: unknown): Promise<unknown> {
    const id = `try-${++this.asked}`;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise((resolve, reject) => {
        timer = setTimeout(() => reject(new TryError(`no answer to ${method} in ${PATIENCE_MS / 1_000} s`)), PATIENCE_MS);
        this.waiting.set(id, { resolve, reject });
        this.socket.send(requestText(id, method, params));
      });
    } finally {
      clearTimeout(timer);
      this.waiting.delete(id);
    }
  }

  close(): Promise<string> {
    this.socket.close(1000);
    return this.ended;
  }

  private receive(data: RawData): void {
    const envelope = JSON.parse((data as Buffer).toString('utf8')) as Envelope;
    const waiting = this.waiting.get(String(envelope.id));
    if (envelope.type === MessageType.RESPONSE) waiting?.resolve(envelope.result);
    else if (envelope.type === MessageType.ERROR) {
      const { code, message, data: details } = envelope.error ?? {};
      const more = details === undefined ? '' : `\n${JSON.stringify(details, undefined, 2)}`;
      waiting?.reject(new TryError(`error ${String(code)}: ${String(message)}${more}`));
    } else if (envelope.type === MessageType.NOTIFICATION)
      this.onNotification({ method: String(envelope.method), params: envelope.params });
  }
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

/** The words of `{"error":{"message"}}`, or the body as it is. */
function messageOf(body: string): string {
  try {
    return (JSON.parse(body) as { error: { message: string } }).error.message;
  } catch {
    return body;
  }
}
