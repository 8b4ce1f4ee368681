// An operation of an API as a tool.
import type { OpenApiSource } from '../config/openapi-source.js';
import type { HttpCaller } from '../egress/http-caller.js';
import { Failure } from '../extension/failure.js';
import type { ToolAnnotations, ToolCaller, ToolReturn } from '../extension/tool.decorator.js';
import { NoOutcome, type RegisteredTool } from '../tools/tool-source.js';
import { lazySchema } from '../validation/lazy-schema.js';
import { printable } from '../validation/printable.js';
import type { Operation } from './operation.js';
import { operationRequest, type ApiAccess } from './operation-request.js';
import { readResponse } from './operation-response.js';

export interface OperationToolOptions {
  readonly name: string;
  readonly source: string;
  readonly operation: Operation;
  readonly access: ApiAccess;
  readonly http: HttpCaller;
  readonly config: OpenApiSource;
}

const LONGEST_DESCRIPTION = 8_192;
const LONGEST_TITLE = 256;
const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);
const IDEMPOTENT: ReadonlySet<string> = new Set([...READING, 'PUT', 'DELETE']);

export function operationTool({ name, source, operation, access, http, config }: OperationToolOptions): RegisteredTool {
  const validator = lazySchema(operation.inputSchema);
  return {
    name,
    source,
    description: printable(operation.description, LONGEST_DESCRIPTION),
    inputSchema: operation.inputSchema,
    annotations: annotationsOf(operation),
    scopes: [],
    timeoutMs: config.timeoutMs,
    validate: (args) => validator.validate(args),
    execute: (args, caller) => call(name, operationRequest(operation, args, access), http, caller),
  };
}

/** @throws NoOutcome where there is no answer */
async function call(
  name: string,
  { url, ...init }: ReturnType<typeof operationRequest>,
  http: HttpCaller,
  caller: ToolCaller,
): Promise<ToolReturn> {
  const { signal, meta } = caller;
  const headers = {
    ...init.headers,
    ...(meta.traceparent !== undefined && { traceparent: meta.traceparent }),
    ...(meta.traceparent !== undefined && meta.tracestate !== undefined && { tracestate: meta.tracestate }),
  };
  try {
    return await readResponse(name, await http.fetch(url, { ...init, headers, signal } as RequestInit));
  } catch (error) {
    if (error instanceof NoOutcome) throw error;
    if (signal.aborted && signal.reason instanceof Failure) throw new NoOutcome(signal.reason);
    if (error instanceof Failure) throw error;
    throw new NoOutcome(new Failure('unavailable', `the API behind ${name} is not reached at the moment`, undefined, { cause: error }));
  }
}

function annotationsOf({ method, title }: Operation): ToolAnnotations {
  return {
    title: printable(title, LONGEST_TITLE),
    readOnlyHint: READING.has(method),
    ...(!READING.has(method) && { destructiveHint: method === 'DELETE' }),
    idempotentHint: IDEMPOTENT.has(method),
    openWorldHint: true,
  };
}
