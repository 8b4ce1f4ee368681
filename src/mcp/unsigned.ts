// MCP has no signatures: where they are demanded of every message, its clients are refused, and told why.

export const UNSIGNED = 'this server demands signatures (websocket.security.hmac_signatures), and MCP has none';
