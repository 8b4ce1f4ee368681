// The encodings that this server speaks.
import { Inject, Injectable } from '@nestjs/common';
import { SUBPROTOCOL } from '@mcpw/protocol';

import { Config } from '../config/config.js';
import type { Batcher } from '../connection/outbox.js';
import type { MessageCodec } from '../connection/message-codec.js';
import { BinaryCodec } from './binary-codec.js';
import { MethodTable } from './method-table.js';
import { TextCodec } from './text-codec.js';
import { TurnBatcher } from './turn-batcher.js';

@Injectable()
export class Codecs {
  readonly text = new TextCodec();
  readonly binary: BinaryCodec;
  /** For peers that take batches; undefined where batching is off. */
  readonly batcher: Batcher | undefined;

  constructor(@Inject(Config) { websocket }: Config, methods: MethodTable) {
    const { enabled, maxMessages, maxBytes, flushIntervalMs } = websocket.batching;
    this.binary = new BinaryCodec((name) => methods.numberOf(name));
    this.batcher = enabled ? new TurnBatcher(maxMessages, maxBytes, flushIntervalMs) : undefined;
  }

  /** That of what the server sends by itself on a connection of this subprotocol. */
  of(subprotocol: string): MessageCodec {
    return subprotocol === SUBPROTOCOL.BINARY ? this.binary : this.text;
  }
}
