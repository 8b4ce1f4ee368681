// The one table from what went wrong to what an MCP client is told: JSON-RPC's own codes where they say it, this server's
// (PROTOCOL.md §7) where they do not. MCP leaves such codes to applications.
import { ProtocolError } from '@modelcontextprotocol/server';

import { Failure, type FailureKind } from '../extension/failure.js';
import { failureCode } from '../protocol/failure-code.js';
import { RpcCode, type RpcError } from './json-rpc.js';
import type { Era } from './protocol-versions.js';

const CODES: Partial<Readonly<Record<FailureKind, number>>> = {
  invalid_message: RpcCode.INVALID_REQUEST,
  not_initialized: RpcCode.INVALID_REQUEST,
  method_not_found: RpcCode.METHOD_NOT_FOUND,
  invalid_params: RpcCode.INVALID_PARAMS,
  not_found: RpcCode.INVALID_PARAMS,
};

const OK = 200;
const STATUSES: Partial<Readonly<Record<FailureKind, number>>> = { forbidden: 403, rate_limited: 429 };
/** Of the newer era; in the older one an error is an answer like any other. */
const MODERN_STATUSES: Readonly<Record<number, number>> = { [RpcCode.METHOD_NOT_FOUND]: 404, [RpcCode.MISSING_CLIENT_CAPABILITY]: 400 };

/** @param reference names the log line that has the cause of an unexpected error */
export function rpcError(error: unknown, era: Era, reference: () => string): RpcError {
  if (error instanceof ProtocolError) {
    const { code, message, data } = error;
    return { code: ofEra(code, era), message, ...(data !== undefined && { data }) };
  }
  if (!(error instanceof Failure)) return { code: RpcCode.INTERNAL_ERROR, message: 'server error', data: { ref: reference() } };
  const { kind, message, data } = error;
  return { code: CODES[kind] ?? failureCode(kind), message, ...(data !== undefined && { data }) };
}

export function httpStatus(error: unknown, { code }: RpcError, era: Era): number {
  const status = error instanceof Failure ? STATUSES[error.kind] : undefined;
  return status ?? (era === 'modern' ? MODERN_STATUSES[code] : undefined) ?? OK;
}

/** What is said of a resource that is not there. */
export const resourceNotFound = (uri: string): ProtocolError =>
  new ProtocolError(RpcCode.RESOURCE_NOT_FOUND, 'Resource not found', { uri });

const ofEra = (code: number, era: Era): number => (code === RpcCode.RESOURCE_NOT_FOUND && era === 'modern' ? RpcCode.INVALID_PARAMS : code);
