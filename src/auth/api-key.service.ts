// Who may make, see, rotate and revoke which API keys. An admin of the tenant `default` runs the server: all tenants' keys. An
// admin of another tenant has its own tenant's keys; the others' are not there for it.
import { Inject, Injectable, Optional } from '@nestjs/common';

import { AuditLog, NO_AUDIT } from '../extension/audit-log.js';
import { Clock } from '../extension/clock.js';
import { Failure } from '../extension/failure.js';
import { holdsScope, type Principal } from '../extension/principal.js';
import { makeApiKey } from './api-key-format.js';
import { ApiKeyStore } from './api-key-store.js';
import { OPERATOR_TENANT } from './authenticated.js';
import type { CreateKeyDto, ListKeysDto } from './key.dto.js';
import { keyView, newKeyView, type KeyListView, type NewKeyView } from './key-view.js';

const DEFAULT_LIMIT = 100;
const CURSOR = /^[1-9]\d{0,14}$/;

@Injectable()
export class ApiKeyService {
  constructor(
    @Inject(ApiKeyStore) private readonly store: ApiKeyStore,
    @Inject(Clock) private readonly clock: Clock,
    @Optional() @Inject(AuditLog) private readonly audit: AuditLog = NO_AUDIT,
  ) {}

  /** @throws Failure forbidden for another tenant, invalid_params for an end that is over, conflict when the tenant has too many */
  async create(caller: Principal, { name, tenant, scopes, expires_at }: CreateKeyDto): Promise<NewKeyView> {
    const own = reachOf(caller);
    if (own !== undefined && tenant !== own)
      throw new Failure('forbidden', `an admin of the tenant ${own} makes keys of that tenant`, { scope: 'admin' });
    const expiresAt = expires_at === undefined ? undefined : this.futureTime(expires_at);
    const { id, secretHash, text } = makeApiKey();
    await this.store.add({ id, tenant, name, scopes, secretHash, expiresAt });
    this.changed('key.create', caller, id, tenant);
    return newKeyView({ id, name, tenant, scopes, ...(expiresAt !== undefined && { expiresAt }) }, text);
  }

  /** Oldest first, revoked ones too, never a secret. @throws Failure invalid_params for a cursor that is none of ours */
  list(caller: Principal, { limit = DEFAULT_LIMIT, cursor, tenant }: ListKeysDto): KeyListView {
    const own = reachOf(caller);
    const after = cursor === undefined ? undefined : readCursor(cursor);
    if (own !== undefined && tenant !== undefined && tenant !== own) return { keys: [] };
    const { keys, nextAfter } = this.store.list({ tenant: own ?? tenant, after, limit });
    return { keys: keys.map(keyView), ...(nextAfter !== undefined && { next_cursor: writeCursor(nextAfter) }) };
  }

  /** The same key with another secret; the old one stops at once, and what was opened with it is closed. */
  async rotate(caller: Principal, id: string): Promise<NewKeyView> {
    const { secretHash, text } = makeApiKey(id);
    const key = await this.store.rotate({ id, tenant: reachOf(caller) }, secretHash);
    this.changed('key.rotate', caller, id, key.tenant);
    return newKeyView(key, text);
  }

  /** For good. What was opened with it is closed. */
  async revoke(caller: Principal, id: string): Promise<void> {
    const { tenant } = await this.store.revoke({ id, tenant: reachOf(caller) });
    this.changed('key.revoke', caller, id, tenant);
  }

  /** Of the key's tenant, whose admins may read of it, whoever did it. */
  private changed(action: 'key.create' | 'key.rotate' | 'key.revoke', caller: Principal, id: string, tenant: string): void {
    this.audit.record({ action, outcome: 'ok', tenant, principal: caller.id, target: id });
  }

  private futureTime(text: string): number {
    const time = Date.parse(text);
    if (time > this.clock.now()) return time;
    throw Failure.invalidParams([{ path: '/expires_at', message: 'must be a time to come' }]);
  }
}

/** The tenant whose keys the caller may manage; undefined: all. @throws Failure forbidden without the scope `admin` */
function reachOf(caller: Principal): string | undefined {
  if (!holdsScope(caller, 'admin')) throw Failure.forbidden('admin');
  return caller.tenant === OPERATOR_TENANT ? undefined : caller.tenant;
}

const writeCursor = (after: number): string => Buffer.from(String(after)).toString('base64url');

function readCursor(cursor: string): number {
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  if (!CURSOR.test(text)) throw Failure.invalidParams([{ path: '/cursor', message: 'is not a cursor of this list' }]);
  return Number(text);
}
