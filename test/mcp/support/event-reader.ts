// Server-sent events of a response, one after the other.
export interface ReadEvent {
  readonly id: string | undefined;
  readonly retry: number | undefined;
  /** Parsed; undefined where it is empty. */
  readonly data: any; // eslint-disable-line @typescript-eslint/no-explicit-any -- each test knows the shape it waits for
}

export class EventReader {
  private readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  private readonly decoder = new TextDecoder();
  private text = '';

  constructor(response: Response) {
    if (response.body === null) throw new Error('the response has no body');
    this.reader = response.body.getReader();
  }

  /** The next event; undefined at the end. Comments are passed over. */
  async next(): Promise<ReadEvent | undefined> {
    for (;;) {
      const end = this.text.indexOf('\n\n');
      if (end !== -1) {
        const event = parse(this.text.slice(0, end));
        this.text = this.text.slice(end + 2);
        if (event !== undefined) return event;
        continue;
      }
      const { value, done } = await this.reader.read();
      if (done) return undefined;
      this.text += this.decoder.decode(value, { stream: true });
    }
  }

  /** The next event's message, where it has one; undefined at the end. */
  async message(): Promise<ReadEvent['data']> {
    for (;;) {
      const event = await this.next();
      if (event === undefined || event.data !== undefined) return event?.data;
    }
  }

  /** All messages until the stream ends. */
  async messages(): Promise<unknown[]> {
    const messages: unknown[] = [];
    for (let event = await this.next(); event !== undefined; event = await this.next()) {
      if (event.data !== undefined) messages.push(event.data);
    }
    return messages;
  }

  async cancel(): Promise<void> {
    await this.reader.cancel();
  }
}

function parse(block: string): ReadEvent | undefined {
  const fields = new Map<string, string>();
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1).trimStart());
  }
  if (!fields.has('data')) return undefined;
  const data = fields.get('data') ?? '';
  const retry = fields.get('retry');
  return { id: fields.get('id'), retry: retry === undefined ? undefined : Number(retry), data: data === '' ? undefined : JSON.parse(data) };
}
