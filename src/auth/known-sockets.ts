// TCP connections on which a request has shown who makes it. They are no strangers' any more: between two requests they may be many.
import type { Socket } from 'node:net';

import { Injectable } from '@nestjs/common';

@Injectable()
export class KnownSockets {
  private readonly known = new WeakSet<Socket>();

  add(socket: Socket): void {
    this.known.add(socket);
  }

  has(socket: Socket): boolean {
    return this.known.has(socket);
  }
}
