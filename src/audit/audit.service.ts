// Who may read what of the audit log: an admin of the tenant `default` all of it, an admin of another tenant what is that tenant's.
import { Inject, Injectable } from '@nestjs/common';

import { OPERATOR_TENANT } from '../auth/authenticated.js';
import { Config } from '../config/config.js';
import type { Principal } from '../extension/principal.js';
import { auditFolder } from './audit-files.js';
import { readAuditCursor, writeAuditCursor } from './audit-query.js';
import { readAuditPage } from './audit-reader.js';
import type { AuditListView, AuditRecordView } from './audit-view.js';
import type { ListAuditDto } from './list-audit.dto.js';

const DEFAULT_LIMIT = 100;

@Injectable()
export class AuditService {
  constructor(@Inject(Config) private readonly config: Config) {}

  /** Newest first. @throws Failure invalid_params for a cursor that is none of ours */
  async list(caller: Principal, { limit = DEFAULT_LIMIT, cursor, since, until, ...query }: ListAuditDto): Promise<AuditListView> {
    const before = cursor === undefined ? undefined : readAuditCursor(cursor);
    const own = caller.tenant === OPERATOR_TENANT ? undefined : caller.tenant;
    if (own !== undefined && query.tenant !== undefined && query.tenant !== own) return { records: [] };
    const wanted = { ...query, tenant: own ?? query.tenant, since: utc(since), until: utc(until) };
    const { records, next } = await readAuditPage(auditFolder(this.config.dataDir), wanted, limit, before);
    return { records: records as AuditRecordView[], ...(next !== undefined && { next_cursor: writeAuditCursor(next) }) };
  }
}

/** As records have it, so that texts compare as times do. */
const utc = (time: string | undefined): string | undefined => (time === undefined ? undefined : new Date(time).toISOString());
