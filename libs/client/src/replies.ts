// What the client answers to the server's own requests and pings, each in the encoding in which it was asked.
import { ErrorCode } from '@mcpw/protocol';

import { McpwError } from './errors.js';
import type { Encoding, IncomingRequest, MessageId } from './incoming.js';
import type { Encoded, MessageCodec } from './message-codec.js';
import type { Clock } from './platform.js';

export class Replies {
  constructor(
    private readonly codecs: Readonly<Record<Encoding, MessageCodec>>,
    private readonly clock: Clock,
    private readonly post: (message: Encoded) => void,
  ) {}

  /** A result that cannot be encoded is our tool's failing. */
  respond(request: IncomingRequest, result: unknown): void {
    try {
      this.post(this.codecs[request.encoding].response(request.id, request.method, result));
    } catch (error) {
      this.refuse(request, new McpwError(ErrorCode.SERVER_ERROR, `the result cannot be sent: ${String(error)}`));
    }
  }

  refuse({ id, method, encoding }: IncomingRequest, { code, message, data }: McpwError): void {
    const error = { code, message, ...(data === undefined ? {} : { data }) };
    // A frame's method that nobody told of has no name here; the answer's number is not looked at.
    this.post(this.codecs[encoding].error(id, method === '' ? 'ping' : method, error));
  }

  pong(id: MessageId, encoding: Encoding): void {
    this.post(this.codecs[encoding].pong(id, new Date(this.clock.now()).toISOString()));
  }
}
