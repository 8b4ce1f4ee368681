// The client of one request of the newer era, by what the request itself says.
import { CLIENT_CAPABILITIES_META_KEY, LOG_LEVEL_META_KEY, ProtocolError } from '@modelcontextprotocol/server';

import { LOG_LEVELS } from '../extension/calling-client.js';
import type { Principal } from '../extension/principal.js';
import type { McpClient } from './client.js';
import { RpcCode } from './json-rpc.js';
import { MODERN_VERSION } from './protocol-versions.js';
import type { InboundRequest } from './read-message.js';

/** @param id of the connection, where there is one. @throws ProtocolError for a log level that is none */
export function modernClient(request: InboundRequest, principal: Principal, id: string): McpClient {
  const meta = request.params['_meta'] as Readonly<Record<string, unknown>>;
  const level = meta[LOG_LEVEL_META_KEY];
  if (level !== undefined && !LOG_LEVELS.includes(level as never)) {
    throw new ProtocolError(RpcCode.INVALID_PARAMS, `${LOG_LEVEL_META_KEY} is none of ${LOG_LEVELS.join(', ')}`);
  }
  const capabilities = meta[CLIENT_CAPABILITIES_META_KEY] as Readonly<Record<string, unknown>>;
  return { principal, era: 'modern', version: MODERN_VERSION, capabilities, id };
}
