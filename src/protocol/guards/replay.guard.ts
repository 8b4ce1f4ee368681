// Nothing runs twice because somebody sent it twice (PROTOCOL.md §4, Replay). Needs no more of a request than its head.
import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { SequenceWindow } from '@mcpw/protocol';

import { Config } from '../../config/config.js';
import type { Connection } from '../../connection/connection.js';
import { CALL_ARGUMENT } from '../../extension/caller.js';
import { Clock } from '../../extension/clock.js';
import { Failure } from '../../extension/failure.js';
import type { Call } from '../call.js';
import { RateLimiter } from '../rate-limiter.js';
import { ReplayWindow } from '../replay-window.js';

const CLOCK_SKEW_MS = 60_000;

class Windows {
  ids: ReplayWindow | undefined = undefined;
  nonces: ReplayWindow | undefined = undefined;
  sequences: SequenceWindow | undefined = undefined;
}

@Injectable()
export class ReplayGuard implements CanActivate {
  private readonly windows = new WeakMap<Connection, Windows>();

  constructor(
    @Inject(Config) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
    private readonly limiter: RateLimiter,
  ) {}

  canActivate(context: ExecutionContext): true {
    if (!this.config.websocket.security.antiReplay) return true;
    const call = context.getArgByIndex<Call>(CALL_ARGUMENT);
    const { channel, head, startedAt } = call;
    const replayed = this.refusal(channel, head.ts, head.nonce) ?? this.repetition(call);
    if (replayed === undefined) return true;
    // What is let pass pays at the next guard; this pays here.
    throw this.limiter.admit(channel, startedAt) ?? replayed;
  }

  /** Whether the request has come before, by its id. */
  private repetition({ channel, id, expectsAnswer }: Call): Failure | undefined {
    if (!expectsAnswer) return undefined;
    const windows = this.windowsOf(channel);
    if (typeof id === 'number') {
      if ((windows.sequences ??= new SequenceWindow()).accept(id)) return undefined;
      return new Failure('replay_rejected', `sequence id ${id} has come before or is too old`);
    }
    if ((windows.ids ??= new ReplayWindow()).admit(id, this.clock.now())) return undefined;
    return new Failure('replay_rejected', 'this id has come before');
  }

  /** Whether a message, of whatever type, is too old or new, or its nonce has come before; where it says neither, it is neither. */
  refusal(connection: Connection, ts: number | undefined, nonce: string | undefined): Failure | undefined {
    if ((ts === undefined && nonce === undefined) || !this.config.websocket.security.antiReplay) return undefined;
    const now = this.clock.now();
    if (ts !== undefined && Math.abs(now - ts) > CLOCK_SKEW_MS) {
      return new Failure('replay_rejected', `ts is more than ${CLOCK_SKEW_MS / 1000} s off the server's clock`);
    }
    if (nonce === undefined || (this.windowsOf(connection).nonces ??= new ReplayWindow()).admit(nonce, now)) return undefined;
    return new Failure('replay_rejected', 'this nonce has come before');
  }

  private windowsOf(connection: Connection): Windows {
    const known = this.windows.get(connection);
    if (known !== undefined) return known;
    const windows = new Windows();
    this.windows.set(connection, windows);
    return windows;
  }
}
