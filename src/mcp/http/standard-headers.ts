// Headers of the newer era that repeat what the body says, for those who route without reading it (2026-07-28, Streamable HTTP,
// Server Validation). What is said twice and not alike is refused. `MCP-Protocol-Version` and a wrong `Mcp-Method` are read-message.ts's.
import type { IncomingHttpHeaders } from 'node:http';

import { ProtocolError } from '@modelcontextprotocol/server';

import { isRecord } from '../../extension/is-record.js';
import type { Principal } from '../../extension/principal.js';
import type { ToolRegistry } from '../../tools/tool-registry.js';
import { RpcCode } from '../json-rpc.js';
import type { InboundRequest } from '../read-message.js';
import { mirroredParams } from './mirrored-params.js';

/** The member of the params that `Mcp-Name` repeats. */
const NAMED_BY: Readonly<Record<string, string>> = { 'tools/call': 'name', 'prompts/get': 'name', 'resources/read': 'uri' };

const ENCODED = /^=\?base64\?(.*)\?=$/s;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** @throws ProtocolError `HEADER_MISMATCH` */
export function checkStandardHeaders(
  { method, params }: InboundRequest,
  headers: IncomingHttpHeaders,
  principal: Principal,
  tools: ToolRegistry,
): void {
  if (headers['mcp-protocol-version'] === undefined) throw mismatch('MCP-Protocol-Version is missing');
  if (headers['mcp-method'] === undefined) throw mismatch('Mcp-Method is missing');
  const member = NAMED_BY[method];
  if (member === undefined) return;
  const name = params[member];
  if (typeof name !== 'string') return;
  if (decoded('Mcp-Name', headers['mcp-name']) !== name) throw mismatch(`Mcp-Name is not params.${member}`);
  if (method !== 'tools/call') return;
  const tool = tools.find(principal.tenant, name);
  if (tool !== undefined) checkParams(tool.inputSchema, params['arguments'], headers);
}

function checkParams(schema: object, args: unknown, headers: IncomingHttpHeaders): void {
  for (const { header, path } of mirroredParams(schema)) {
    const value = path.reduce<unknown>((at, name) => (isRecord(at) && Object.hasOwn(at, name) ? at[name] : undefined), args);
    const given = decoded(`Mcp-Param-${header}`, headers[`mcp-param-${header.toLowerCase()}`]);
    if (value === undefined || value === null) {
      if (given !== undefined) throw mismatch(`Mcp-Param-${header} repeats an argument that is not there`);
    } else if (given === undefined || !isSame(given, value)) throw mismatch(`Mcp-Param-${header} is not the argument ${path.join('.')}`);
  }
}

/** Whole numbers are compared as numbers. */
const isSame = (given: string, value: unknown): boolean =>
  typeof value === 'number' ? given.trim() !== '' && Number(given) === value : given === String(value);

function decoded(name: string, value: string | string[] | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw mismatch(`${name} comes more than once`);
  const text = ENCODED.exec(value)?.[1];
  if (text === undefined) return value;
  if (!BASE64.test(text)) throw mismatch(`${name} is not base64`);
  return Buffer.from(text, 'base64').toString('utf8');
}

const mismatch = (message: string): ProtocolError => new ProtocolError(RpcCode.HEADER_MISMATCH, `Header mismatch: ${message}`);
