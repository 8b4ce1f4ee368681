// What the client answers to the server's own requests and pings, each in the encoding in which it was asked.
import { ErrorCode, type WireError } from '@mcpw/protocol';

import { McpwError, wordsOf } from './errors.js';
import type { Encoding, IncomingRequest, MessageId } from './incoming.js';
import type { Encoded, MessageCodec } from './message-codec.js';
import type { Clock } from './platform.js';

/** Of why an answer cannot be sent, so that that can be: the smallest server takes messages of 1,024 bytes. */
const REASON_CHARACTERS = 100;

export class Replies {
  /** @param post throws where the message is too large */
  constructor(
    private readonly codecs: Readonly<Record<Encoding, MessageCodec>>,
    private readonly clock: Clock,
    private readonly post: (message: Encoded) => void,
  ) {}

  respond(request: IncomingRequest, result: unknown): void {
    this.answer(request, (codec, method) => codec.response(request.id, method, result));
  }

  refuse(request: IncomingRequest, { code, message, data }: McpwError): void {
    this.answer(request, (codec, method) => codec.error(request.id, method, { code, message, ...(data === undefined ? {} : { data }) }));
  }

  pong(id: MessageId, encoding: Encoding): void {
    this.post(this.codecs[encoding].pong(id, new Date(this.clock.now()).toISOString()));
  }

  /** Who asked is answered in any case: where the answer cannot be sent, with why not. */
  private answer(request: IncomingRequest, encode: (codec: MessageCodec, method: string) => Encoded): void {
    const codec = this.codecs[request.encoding];
    // A frame's method that nobody told of has no name here; the answer's number is not looked at.
    const method = request.method === '' ? 'ping' : request.method;
    try {
      this.post(encode(codec, method));
    } catch (error) {
      this.post(codec.error(request.id, method, cannotBeSent(error)));
    }
  }
}

function cannotBeSent(error: unknown): WireError {
  const code = error instanceof McpwError ? error.code : ErrorCode.SERVER_ERROR;
  const reason = wordsOf(error);
  return { code, message: `the answer cannot be sent: ${reason.slice(0, REASON_CHARACTERS)}` };
}
