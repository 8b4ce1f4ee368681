// From what a method returns to the text of a result. In the newer era a result says what kind it is, how long it may be kept and
// who gives it; a result with nothing of that itself is not taken apart for it.
import { SERVER_INFO_META_KEY } from '@modelcontextprotocol/server';

import { isRecord } from '../extension/is-record.js';
import type { TraceContext } from '../extension/trace-context.js';
import { EncodedResult, type CacheHint } from './mcp-method.js';
import type { McpMethod } from './mcp-call.js';
import type { Era } from './protocol-versions.js';
import { IDENTITY } from './server-identity.js';

const SERVER_META = { [SERVER_INFO_META_KEY]: IDENTITY };
const heads = new WeakMap<McpMethod, string>();

/**
 * @param result a record without members of the newer era's own, or with those of an upstream, which are replaced
 * @param trace of who made it elsewhere
 */
export function encodeResult(method: McpMethod, era: Era, result: unknown, trace?: TraceContext): string {
  if (result instanceof EncodedResult) return era === 'legacy' ? result.json : joined(headOf(method), result.json);
  const { resultType, ttlMs: _ttl, cacheScope: _scope, _meta: own, ...members } = isRecord(result) ? result : {};
  const _meta = trace === undefined ? own : { ...(own as object | undefined), ...trace };
  if (era === 'legacy') return JSON.stringify(_meta === undefined ? members : { ...members, _meta });
  if (resultType === 'input_required') return JSON.stringify({ resultType, ...members, _meta: { ...trace, ...SERVER_META } });
  if (_meta === undefined) return joined(headOf(method), JSON.stringify(members));
  return JSON.stringify({ resultType: 'complete', ...method.cache, ...members, _meta: { ...(_meta as object), ...SERVER_META } });
}

function headOf(method: McpMethod): string {
  const known = heads.get(method);
  if (known !== undefined) return known;
  const cache: Partial<CacheHint> = method.cache ?? {};
  const head = JSON.stringify({ resultType: 'complete', ...cache, _meta: SERVER_META });
  heads.set(method, head);
  return head;
}

/** Two objects' members in one text. */
function joined(first: string, second: string): string {
  return second === '{}' ? first : `${first.slice(0, -1)},${second.slice(1)}`;
}
