// Other protocols on the endpoint, spoken by clients that name them in the handshake (PROTOCOL.md §1). The socket, its limits,
// keep-alive and closing are the endpoint's for all; what the messages mean is the handler's. Who connects so has authenticated
// with the upgrade: there is no `initialize` of ours that could bring a credential.
import { Injectable } from '@nestjs/common';

import type { Connection, ConnectionOptions } from '../connection/connection.js';

export interface SubprotocolHandler {
  /** As clients offer it. */
  readonly name: string;
  /** Why nobody may speak it here, where that is so: its messages cannot be protected as is demanded. */
  readonly refusal: string | undefined;
  connect(options: ConnectionOptions): Connection;
  /** @param data of a text message valid UTF-8 */
  receive(connection: Connection, data: Buffer, isBinary: boolean): void;
}

@Injectable()
export class Subprotocols {
  private readonly handlers = new Map<string, SubprotocolHandler>();

  /** From here on the subprotocol is chosen where a client offers it first. */
  add(handler: SubprotocolHandler): void {
    this.handlers.set(handler.name, handler);
  }

  find(name: string): SubprotocolHandler | undefined {
    return this.handlers.get(name);
  }
}
