// An upstream as this server knows it, wherever it was named: in the file, or by an administrator over REST.
import { OPERATOR_TENANT } from '../auth/authenticated.js';
import type { McpServer } from '../config/mcp-server.js';

export interface UpstreamDefinition {
  /** The first part of its tools' names. */
  readonly source: string;
  readonly server: McpServer;
  readonly id: string;
  /** Who named it: the operator's file, or an administrator over REST. */
  readonly origin: 'file' | 'rest';
  /** The tenant whose administrator named it; null: the file's. */
  readonly owner: string | null;
  /** Tenants that see it; null: all. */
  readonly tenants: readonly string[] | null;
}

export const isRunBy = ({ owner }: UpstreamDefinition, tenant: string): boolean => tenant === OPERATOR_TENANT || tenant === owner;

export const isSeenBy = ({ tenants }: UpstreamDefinition, tenant: string): boolean => tenants === null || tenants.includes(tenant);
