// Upstreams that administrators add, see and remove. An administrator of the tenant `default` runs the server: all of them. One of
// another tenant has those of its own tenant, and sees how those fare that the file gives it.
import { randomBytes } from 'node:crypto';

import { Inject, Injectable, Logger } from '@nestjs/common';

import { OPERATOR_TENANT } from '../auth/authenticated.js';
import { Config } from '../config/config.js';
import { isNameOfApi } from '../config/openapi-source.js';
import { readMcpServers, type McpServer } from '../config/mcp-server.js';
import { AddressGuard } from '../egress/address-guard.js';
import { Failure } from '../extension/failure.js';
import { holdsScope, type Principal } from '../extension/principal.js';
import { Database } from '../storage/database.js';
import { sourceName } from './source-name.js';
import type { Upstream } from './upstream.js';
import { isRunBy, isSeenBy, type UpstreamDefinition } from './upstream-definition.js';
import type { AddUpstreamDto } from './upstream.dto.js';
import { upstreamView, type UpstreamListView, type UpstreamView } from './upstream-view.js';
import { Upstreams } from './upstreams.js';
import type { UpstreamRow, upstreamWrites } from './upstream-writes.js';

type Writes = typeof upstreamWrites;

/** How long the answer to an addition waits for the first attempt to connect. */
const FIRST_ATTEMPT_MS = 3_000;
const ENVIRONMENT_REFERENCE = '${env:';

@Injectable()
export class UpstreamService {
  private readonly logger = new Logger('Upstreams');

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Config) private readonly config: Config,
    private readonly upstreams: Upstreams,
  ) {}

  /** Those that were added and not removed. One that this version of the server cannot read is left out. */
  definitions(): UpstreamDefinition[] {
    const rows = this.database.prepare('SELECT id, owner, source, tenants, entry FROM upstream ORDER BY created_at, id').all();
    return (rows as unknown as UpstreamRow[]).flatMap((row) => {
      const server = readMcpServers({ [row.source]: JSON.parse(row.entry) as unknown }).servers.get(row.source);
      if (server === undefined) this.logger.error({ msg: 'an upstream is left out: its row cannot be read', id: row.id });
      return server === undefined ? [] : [definitionOf(row, server)];
    });
  }

  /** @throws Failure invalid_params, also where the host is private; conflict where the name is taken; forbidden for others' tenants */
  async add(caller: Principal, params: AddUpstreamDto): Promise<UpstreamView> {
    const owner = adminTenant(caller);
    const isOperator = owner === OPERATOR_TENANT;
    if (params.tenants !== undefined && !isOperator)
      throw new Failure('forbidden', `an admin of the tenant ${owner} adds upstreams for that tenant`);
    const entry = entryOf(params);
    const server = this.readEntry(params.name, entry);
    const tenants = isOperator ? (params.tenants ?? null) : [owner];
    if (isNameOfApi(this.config, params.name, tenants))
      throw new Failure('conflict', `${params.name} is the name of an API, openapi.${params.name}`);
    if (server.type !== 'stdio') await new AddressGuard(this.config.federation.allowedHosts).check(new URL(server.url));
    const row: UpstreamRow = {
      id: `up_${randomBytes(9).toString('base64url')}`,
      owner,
      source: params.name,
      tenants: tenants === null ? null : JSON.stringify(tenants),
      entry: JSON.stringify(entry),
    };
    const upstream = this.upstreams.add(definitionOf(row, server));
    try {
      await this.database.write<Writes, 'upstream.add'>('upstream.add', row);
    } catch (error) {
      await this.upstreams.remove(upstream);
      throw error;
    }
    await withinTime(upstream.start(), FIRST_ATTEMPT_MS);
    return upstreamView(upstream, owner);
  }

  list(caller: Principal): UpstreamListView {
    const tenant = adminTenant(caller);
    const seen = this.upstreams.all().filter(({ definition }) => tenant === OPERATOR_TENANT || isSeenBy(definition, tenant));
    return { upstreams: seen.map((upstream) => upstreamView(upstream, tenant)) };
  }

  /** @throws Failure not_found */
  get(caller: Principal, id: string): UpstreamView {
    const { tenant, upstream } = this.find(caller, id);
    return upstreamView(upstream, tenant);
  }

  /** Tries to connect now instead of after the pause. @throws Failure not_found, forbidden */
  async reconnect(caller: Principal, id: string): Promise<UpstreamView> {
    const { tenant, upstream } = this.find(caller, id);
    if (!isRunBy(upstream.definition, tenant)) throw new Failure('forbidden', 'the upstream is the operator’s');
    await withinTime(upstream.link.hurry(), FIRST_ATTEMPT_MS);
    return upstreamView(upstream, tenant);
  }

  /** @throws Failure not_found; conflict for one of the file */
  async remove(caller: Principal, id: string): Promise<void> {
    const { tenant, upstream } = this.find(caller, id);
    if (upstream.definition.origin === 'file')
      throw new Failure('conflict', 'the upstream is named in the file, and goes when it goes there');
    if (!isRunBy(upstream.definition, tenant)) throw new Failure('forbidden', 'the upstream is the operator’s');
    await this.database.write<Writes, 'upstream.remove'>('upstream.remove', { id });
    await this.upstreams.remove(upstream);
  }

  private find(caller: Principal, id: string): { tenant: string; upstream: Upstream } {
    const tenant = adminTenant(caller);
    const upstream = this.upstreams.all().find(({ definition }) => definition.id === id);
    if (upstream === undefined || (tenant !== OPERATOR_TENANT && !isSeenBy(upstream.definition, tenant)))
      throw Failure.notFound(`upstream ${id}`);
    return { tenant, upstream };
  }

  private readEntry(name: string, entry: Record<string, unknown>): McpServer {
    if (sourceName(name) !== name)
      throw Failure.invalidParams([{ path: '/name', message: 'is a name of the server’s own, or has no letter or digit' }]);
    if (JSON.stringify(entry).includes(ENVIRONMENT_REFERENCE)) {
      throw Failure.invalidParams([{ path: '/headers', message: 'the server’s environment is named in its file only' }]);
    }
    const { servers, problems } = readMcpServers({ [name]: entry });
    const server = servers.get(name);
    if (server !== undefined) return server;
    throw Failure.invalidParams(problems.map((problem) => problemOf(problem, name)));
  }
}

/** @throws Failure forbidden without the scope `admin` */
function adminTenant(caller: Principal): string {
  if (!holdsScope(caller, 'admin')) throw Failure.forbidden('admin');
  return caller.tenant;
}

function definitionOf({ id, owner, source, tenants }: UpstreamRow, server: McpServer): UpstreamDefinition {
  return { id, source, server, origin: 'rest', owner, tenants: tenants === null ? null : (JSON.parse(tenants) as string[]) };
}

/** As in the file's `mcpServers`. */
function entryOf({ url, type, headers, allow_tools, deny_tools, timeout_ms, idle_timeout_ms }: AddUpstreamDto): Record<string, unknown> {
  return {
    type: type ?? (/^wss?:/i.test(url) ? 'ws' : 'http'),
    url,
    ...(headers !== undefined && { headers }),
    ...(allow_tools !== undefined && { allowTools: allow_tools }),
    ...(deny_tools !== undefined && { denyTools: deny_tools }),
    ...(timeout_ms !== undefined && { timeout: `${timeout_ms}ms` }),
    ...(idle_timeout_ms !== undefined && { idleTimeout: `${idle_timeout_ms}ms` }),
  };
}

/** `mcpServers.crm.url is not …` as a member of the request's body. */
function problemOf(problem: string, name: string): { path: string; message: string } {
  const [path = '', ...words] = problem.slice(`mcpServers.${name}`.length).split(' ');
  return { path: path.replaceAll('.', '/'), message: words.join(' ') };
}

async function withinTime(work: Promise<unknown>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const longEnough = new Promise<void>((resolve) => (timer = setTimeout(resolve, timeoutMs)));
  await Promise.race([work, longEnough]);
  clearTimeout(timer);
}
