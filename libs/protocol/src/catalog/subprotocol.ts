/** What a client offers in `Sec-WebSocket-Protocol`. PROTOCOL.md §1. */
export const SUBPROTOCOL = {
  /** Also what is spoken where none is offered. The server's notifications are text. */
  JSON: 'mcpw.v1.json',
  /** The server's notifications are binary frames. */
  BINARY: 'mcpw.v1.binary',
  /** Standard Model Context Protocol, JSON-RPC 2.0 text. */
  MCP: 'mcp',
  /** Before a base64url token: a credential for browsers, never echoed back. */
  BEARER_PREFIX: 'mcpw.bearer.',
} as const;
