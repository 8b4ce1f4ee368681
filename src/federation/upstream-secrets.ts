// What proves this server to an upstream, so that what the upstream says in its errors does not tell it.
import type { McpServer } from '../config/mcp-server.js';
import { redactor, type Redact } from '../egress/redact.js';

/** @param token a caller's own, where it goes on */
export function upstreamRedactor(server: McpServer, token?: string): Redact {
  const own = server.type === 'stdio' ? Object.values(server.env) : [...Object.values(server.headers), ...queryOf(server.url)];
  return redactor(token === undefined ? own : [...own, token]);
}

/** Many who are not asked by a header are asked by `?key=…`. */
const queryOf = (url: string): string[] => [...new URL(url).searchParams.values()];
