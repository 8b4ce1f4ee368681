// An upstream as this server knows it, wherever it was named: in the file, or by an administrator over REST.
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

export const isSeenBy = ({ tenants }: UpstreamDefinition, tenant: string): boolean => tenants === null || tenants.includes(tenant);
