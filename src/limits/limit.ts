// A limit that an admin has set in place of the configuration's. Not how messages are counted: token-bucket.ts.

export const LIMIT_SCOPES = ['tenant', 'key', 'tool'] as const;
export type LimitScope = (typeof LIMIT_SCOPES)[number];

/** What is limited: a tenant; an API key by its id; a tool by its name, for all of a tenant together. */
export interface LimitTarget {
  readonly scope: LimitScope;
  readonly tenant: string;
  /** The key's id or the tool's name; empty for a tenant. */
  readonly name: string;
}

export interface Rate {
  /** Messages, or executions, a second on average. */
  readonly rate: number;
  /** At once. */
  readonly burst: number;
}

export interface Limit extends LimitTarget, Rate {
  /** Milliseconds since the Unix epoch. */
  readonly updatedAt: number;
}

export const targetName = ({ scope, tenant, name }: LimitTarget): string => (scope === 'tenant' ? `tenant:${tenant}` : `${scope}:${name}`);
