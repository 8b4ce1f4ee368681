// Who is calling. Not how they proved it: that is auth/.

/** The scopes that built-in methods ask for. `tools:execute:<pattern>` narrows `tools:execute` to tool names. */
export const AGENT_SCOPES = [
  'tools:read',
  'tools:execute',
  'tools:register',
  'contexts:read',
  'contexts:write',
  'events:read',
  'events:publish',
] as const;

/** All that the server itself asks for: beside those its own affairs, the metrics and `admin`, which includes all. Modules have more. */
export const SCOPES = [...AGENT_SCOPES, 'metrics:read', 'admin'] as const;

export interface Principal {
  /** Stable and unique over all tenants: `key:<key id>`, `jwt:<tenant>:<sub>`, `anonymous`. */
  readonly id: string;
  readonly tenant: string;
  readonly scopes: readonly string[];
}

/** Whether the principal holds the scope, a narrowed form of it (`scope:<pattern>`), or `admin`. */
export function holdsScope(principal: Principal, scope: string): boolean {
  const { scopes } = principal;
  for (let i = 0; i < scopes.length; i++) {
    const held = scopes[i] as string;
    if (held === scope || held === 'admin') return true;
    if (held.length > scope.length && held.charCodeAt(scope.length) === 58 /* : */ && held.startsWith(scope)) return true;
  }
  return false;
}
