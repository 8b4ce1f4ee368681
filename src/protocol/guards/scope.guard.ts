// A method's callers hold its scope (PROTOCOL.md §5). Which tools a narrowed `tools:execute:<pattern>` covers is for tools/ to say.
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';

import { Failure } from '../../extension/failure.js';
import { holdsScope } from '../../extension/principal.js';
import { CALL_ARGUMENT } from '../../extension/caller.js';
import type { Call } from '../call.js';

@Injectable()
export class ScopeGuard implements CanActivate {
  canActivate(context: ExecutionContext): true {
    const { method, principal } = context.getArgByIndex<Call>(CALL_ARGUMENT);
    if (method.scope !== undefined && !holdsScope(principal, method.scope)) throw Failure.forbidden(method.scope);
    return true;
  }
}
