// JSON-RPC 2.0 messages as MCP has them: their shapes, codes and text. Not what they mean, and not how they are read: read-message.ts.

export type RpcId = string | number;
export type RpcParams = Readonly<Record<string, unknown>>;

export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

export const RpcCode = {
  PARSE_ERROR: -32_700,
  INVALID_REQUEST: -32_600,
  METHOD_NOT_FOUND: -32_601,
  INVALID_PARAMS: -32_602,
  INTERNAL_ERROR: -32_603,
  /** Of revisions before 2026-07-28; since then `INVALID_PARAMS`. */
  RESOURCE_NOT_FOUND: -32_002,
  HEADER_MISMATCH: -32_020,
  MISSING_CLIENT_CAPABILITY: -32_021,
  UNSUPPORTED_VERSION: -32_022,
} as const;

/** @param id undefined where the request's own could not be read: then there is none in the text */
export const errorText = (id: RpcId | undefined, error: RpcError): string => JSON.stringify({ jsonrpc: '2.0', id, error });

/** @param json text of the result */
export const resultText = (id: RpcId, json: string): string => `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${json}}`;

export const notificationText = (method: string, params?: object): string => JSON.stringify({ jsonrpc: '2.0', method, params });

export const requestText = (id: RpcId, method: string, params: object): string => JSON.stringify({ jsonrpc: '2.0', id, method, params });
