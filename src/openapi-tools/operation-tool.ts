// An operation of an API as a tool.
import type { OpenApiSource } from '../config/openapi-source.js';
import type { HttpCaller } from '../egress/http-caller.js';
import type { ToolAnnotations } from '../extension/tool.decorator.js';
import type { RegisteredTool } from '../tools/tool-source.js';
import { lazySchema } from '../validation/lazy-schema.js';
import { printable } from '../validation/printable.js';
import type { ApiCalls } from './api-calls.js';
import type { Operation } from './operation.js';
import { operationRequest, type ApiAccess } from './operation-request.js';

export interface OperationToolOptions {
  readonly name: string;
  readonly source: string;
  readonly operation: Operation;
  readonly access: ApiAccess;
  readonly http: HttpCaller;
  readonly calls: ApiCalls;
  readonly config: OpenApiSource;
}

const LONGEST_DESCRIPTION = 8_192;
const LONGEST_TITLE = 256;
const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);
const IDEMPOTENT: ReadonlySet<string> = new Set([...READING, 'PUT', 'DELETE']);

export function operationTool({ name, source, operation, access, http, calls, config }: OperationToolOptions): RegisteredTool {
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
    execute: (args, caller) => calls.call(name, operationRequest(operation, args, access), http, caller),
  };
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
