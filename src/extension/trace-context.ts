// W3C Trace Context, as messages bear it in both directions. Only read here; who makes spans is a client, or a service behind.

export interface TraceContext {
  readonly traceparent?: string;
  readonly tracestate?: string;
}

const TRACEPARENT = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;
/** Printable ASCII, as long as the standard has everybody pass on. */
const TRACESTATE = /^[\x20-\x7e]{1,512}$/;

/** What a stranger sent as metadata, as far as it is a trace context; undefined where it is none. */
export function readTrace(meta: unknown): TraceContext | undefined {
  if (typeof meta !== 'object' || meta === null) return undefined;
  const { traceparent, tracestate } = meta as Record<string, unknown>;
  if (typeof traceparent !== 'string' || !TRACEPARENT.test(traceparent)) return undefined;
  return typeof tracestate === 'string' && TRACESTATE.test(tracestate) ? { traceparent, tracestate } : { traceparent };
}

/** That of an MCP result. */
export function traceOf(result: unknown): TraceContext | undefined {
  return typeof result === 'object' && result !== null ? readTrace((result as { _meta?: unknown })._meta) : undefined;
}
