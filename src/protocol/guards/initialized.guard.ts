// Nothing but `initialize` before `initialize` (PROTOCOL.md §2).
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';

import type { Connection } from '../../connection/connection.js';
import { Failure } from '../../extension/failure.js';

@Injectable()
export class InitializedGuard implements CanActivate {
  canActivate(context: ExecutionContext): true {
    if (!context.getArgByIndex<Connection>(0).isInitialized) throw new Failure('not_initialized', 'the first request is initialize');
    return true;
  }
}
