// In MCP's newer era a server that needs something of the client answers so (`input_required`), and is called again with the client's
// answers. What it asks is read with care; what it wants to remember goes with the client, sealed (mcp/request-state.ts).
import { isDeeperThan, MAX_DEPTH } from '@mcpw/protocol';

import { InputRequired, type CallingClient, type InputRequest } from '../extension/calling-client.js';
import { isRecord } from '../extension/is-record.js';
import { readTrace } from '../extension/trace-context.js';
import { ownerOf, type LiveCaller } from './live-call.js';
import type { Asked } from './mcp-peer.js';

const METHODS: ReadonlySet<unknown> = new Set(['elicitation/create', 'sampling/createMessage', 'roots/list']);
const MOST_REQUESTS = 100;

/** What the caller remembers for the upstream. */
interface Remembered {
  readonly upstream: string | null;
}

/** Members of the params by which an upstream gets what the client came back with. */
export function inputParams(client: CallingClient | undefined): Record<string, unknown> {
  if (client === undefined) return {};
  const { responses, state } = client;
  const { upstream } = (state ?? {}) as Partial<Remembered>;
  return {
    ...(Object.keys(responses).length > 0 && { inputResponses: responses }),
    ...(typeof upstream === 'string' && { requestState: upstream }),
  };
}

/** Undefined where the result is one; what it asks of the client where it is none yet. */
export function readInputRequired(result: unknown): InputRequired | undefined {
  if (!isRecord(result) || result['resultType'] !== 'input_required') return undefined;
  const { inputRequests, requestState } = result;
  const given = isRecord(inputRequests) && !isDeeperThan(inputRequests, MAX_DEPTH) ? Object.entries(inputRequests) : [];
  const requests = given
    .slice(0, MOST_REQUESTS)
    .flatMap(([name, request]) => (isKnown(request) ? [[name, cleaned(request)] as const] : []));
  const state: Remembered = { upstream: typeof requestState === 'string' ? requestState : null };
  return new InputRequired(Object.fromEntries(requests), state);
}

/** Of a client's capabilities those by which it can be asked. */
export function askedOf({ principal, client, ask, log }: LiveCaller): Asked {
  const { sampling, elicitation, roots } = client?.capabilities ?? {};
  const capabilities = {
    ...(sampling !== undefined && { sampling }),
    ...(elicitation !== undefined && { elicitation }),
    ...(roots !== undefined && { roots }),
  };
  return {
    owner: ownerOf(principal),
    capabilities,
    ask,
    log: log ?? ((...said) => client?.log(...said)),
    logLevel: client?.logLevel,
  };
}

const isKnown = (request: unknown): request is InputRequest => isRecord(request) && METHODS.has(request['method']);

function cleaned({ method, params }: InputRequest): InputRequest {
  if (!isRecord(params)) return { method };
  const { _meta, ...own } = params;
  const trace = readTrace(_meta);
  return { method, params: trace === undefined ? own : { ...own, _meta: trace } };
}
