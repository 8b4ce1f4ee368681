// Who calls over MCP: whose credential it is and what its client can do. A session knows it, or every request says it itself.
import type { LogLevel } from '../extension/calling-client.js';
import type { Principal } from '../extension/principal.js';
import type { ChangeListener } from './changes/change-listener.js';
import type { Era } from './protocol-versions.js';

export interface McpClient {
  readonly principal: Principal;
  readonly era: Era;
  /** Revision of MCP. */
  readonly version: string;
  /** MCP's `ClientCapabilities`. */
  readonly capabilities: Readonly<Record<string, unknown>>;
  /** Of its session or connection; empty where there is none. */
  readonly id: string;
}

/** A client that has said `initialize`, and what it has asked for since. */
export interface SessionClient extends McpClient {
  readonly era: 'legacy';
  /** The least serious messages that it wants. */
  logLevel: LogLevel;
  /** What it is told of changes. */
  readonly changes: ChangeListener;
}

export const isSession = (client: McpClient): client is SessionClient => client.era === 'legacy';
