// Who may set which limits. An admin of the tenant `default` runs the server: all of them. An admin of another tenant sets those of
// its own keys and tools, and reads its tenant's, which it cannot raise: another tenant's are not there for it.
import { Inject, Injectable } from '@nestjs/common';

import { ApiKeyStore } from '../auth/api-key-store.js';
import { OPERATOR_TENANT } from '../auth/authenticated.js';
import { TENANT_NAME, TENANT_NAME_RULE } from '../auth/names.js';
import { AuditLog } from '../extension/audit-log.js';
import { Failure } from '../extension/failure.js';
import type { Principal } from '../extension/principal.js';
import { targetName, type LimitTarget, type Rate } from './limit.js';
import { LimitStore } from './limit-store.js';
import { limitView, type LimitListView, type LimitView } from './limit-view.js';

/** As tools/ has it. */
const TOOL_NAME = /^[A-Za-z0-9_.-]{1,128}$/;

@Injectable()
export class LimitsService {
  constructor(
    private readonly limits: LimitStore,
    @Inject(ApiKeyStore) private readonly keys: ApiKeyStore,
    @Inject(AuditLog) private readonly audit: AuditLog,
  ) {}

  list(caller: Principal): LimitListView {
    return { limits: this.limits.list(isOperator(caller) ? undefined : caller.tenant).map(limitView) };
  }

  /** @throws Failure forbidden, invalid_params, not_found, conflict */
  async set(caller: Principal, target: LimitTarget, { rate, burst }: Rate): Promise<LimitView> {
    const limit = await this.limits.set({ ...target, rate, burst });
    this.audit.record({ action: 'limit.set', outcome: 'ok', tenant: target.tenant, principal: caller.id, target: targetName(target) });
    return limitView(limit);
  }

  /** Back to the configuration's. @throws Failure not_found where there was none */
  async remove(caller: Principal, target: LimitTarget): Promise<void> {
    if (!(await this.limits.remove(target))) throw Failure.notFound(`limit of ${target.scope} ${target.name || target.tenant}`);
    this.audit.record({ action: 'limit.remove', outcome: 'ok', tenant: target.tenant, principal: caller.id, target: targetName(target) });
  }

  /** @throws Failure forbidden to all but the operator's admins */
  tenant(caller: Principal, tenant: string): LimitTarget {
    if (!isOperator(caller))
      throw new Failure('forbidden', `an admin of the tenant ${OPERATOR_TENANT} sets the limits of tenants`, { scope: 'admin' });
    if (!TENANT_NAME.test(tenant)) throw Failure.invalidParams([{ path: '/tenant', message: `must be ${TENANT_NAME_RULE}` }]);
    return { scope: 'tenant', tenant, name: '' };
  }

  /** @throws Failure not_found, in the same words for another tenant's key and for none */
  key(caller: Principal, id: string): LimitTarget {
    const tenant = this.keys.find(id)?.authenticated.principal.tenant;
    if (tenant === undefined || (!isOperator(caller) && tenant !== caller.tenant)) throw Failure.notFound(`key ${id}`);
    return { scope: 'key', tenant, name: id };
  }

  /** The tool need not be there: agents' tools come and go. */
  tool(caller: Principal, name: string, tenant = caller.tenant): LimitTarget {
    if (!isOperator(caller) && tenant !== caller.tenant) {
      throw new Failure('forbidden', `an admin of the tenant ${caller.tenant} sets the limits of that tenant’s tools`, { scope: 'admin' });
    }
    if (!TOOL_NAME.test(name)) throw Failure.invalidParams([{ path: '/name', message: 'must be the name of a tool' }]);
    return { scope: 'tool', tenant, name };
  }
}

const isOperator = ({ tenant }: Principal): boolean => tenant === OPERATOR_TENANT;
