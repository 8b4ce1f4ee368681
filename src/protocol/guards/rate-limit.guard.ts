// A message costs a token of each bucket it falls under (PROTOCOL.md §8).
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';

import { CALL_ARGUMENT } from '../../extension/caller.js';
import type { Call } from '../call.js';
import { RateLimiter } from '../rate-limiter.js';

@Injectable()
export class RateLimitGuard implements CanActivate {
  constructor(private readonly limiter: RateLimiter) {}

  canActivate(context: ExecutionContext): true {
    const { channel, startedAt } = context.getArgByIndex<Call>(CALL_ARGUMENT);
    const failure = this.limiter.admit(channel, startedAt);
    if (failure !== undefined) throw failure;
    return true;
  }
}
