// What a client of the older era says as it opens a session.
import type { LogLevel } from '../extension/calling-client.js';
import { checkParams } from './methods/check-params.js';
import type { RpcParams } from './json-rpc.js';
import { negotiated } from './protocol-versions.js';

export interface Hello {
  /** The revision that is spoken from here on. */
  readonly version: string;
  readonly capabilities: Readonly<Record<string, unknown>>;
  readonly clientName: string;
}

/** Until the client asks for another. */
export const DEFAULT_LOG_LEVEL: LogLevel = 'info';

/** @throws ProtocolError */
export function readInitialize(params: RpcParams): Hello {
  const { protocolVersion, capabilities, clientInfo } = checkParams('InitializeRequestParams', params);
  return { version: negotiated(protocolVersion), capabilities, clientName: clientInfo.name };
}
