// Takes what proves this server to an upstream out of what the upstream says: an error that repeats a header must not carry it
// into the log, or to an administrator.
import type { McpServer } from '../config/mcp-server.js';

const HIDDEN = '[secret]';
/** Shorter values (`1`, `true`, `json`) are no secrets, and stand in every text. */
const SHORTEST = 8;

/** @param token a caller's own, where it goes on */
export function redactor(server: McpServer, token?: string): (text: string) => string {
  const values = Object.values(server.type === 'stdio' ? server.env : server.headers);
  const secrets = [...values, ...values.flatMap((value) => value.split(' ')), token ?? '']
    .filter((value) => value.length >= SHORTEST)
    // The longest first: one may be a part of another.
    .toSorted((a, b) => b.length - a.length);
  return (text) => secrets.reduce((hidden, secret) => hidden.replaceAll(secret, HIDDEN), text);
}
