// A method that agents may call as a tool. Not how tools are found, listed and run: that is tools/.
import 'reflect-metadata';

import type { Caller } from './caller.js';
import type { TraceContext } from './trace-context.js';

const TOOL = 'mcpw:tool';

/** Hints for people and models, in MCP's words; the server does not rely on them. */
export interface ToolAnnotations {
  readonly title?: string;
  readonly readOnlyHint?: boolean;
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
  readonly openWorldHint?: boolean;
}

/** A class whose class-validator decorators say what its members may be. */
export type DtoClass = abstract new (...args: never[]) => object;

export interface ToolOptions {
  /** 1–128 of `A-Za-z0-9_.-`, unique over the server's own tools (PROTOCOL.md §5). */
  readonly name: string;
  /** For the model that chooses a tool: what it does, when to use it, what comes back. */
  readonly description: string;
  /** What `arguments` must be; without it any object is taken. */
  readonly input?: DtoClass;
  /** The shape of the structured result, told to clients as `outputSchema`. */
  readonly output?: DtoClass;
  /** Scopes that a caller needs beside `tools:execute`; who lacks one does not see the tool. */
  readonly scopes?: readonly string[];
  /** Past this many milliseconds a call fails with 4014; never longer than the server's own `tools.timeout`. */
  readonly timeoutMs?: number;
  readonly annotations?: ToolAnnotations;
}

/** What a tool is told of the call. Its `signal` is also aborted when the tool's time is up. */
export interface ToolCaller extends Caller {
  /** How long the call may take, ms: the shortest of what its caller, the tool and the server allow. */
  readonly timeoutMs: number;
  /**
   * Tells a caller that asked for it (`stream: true`) how far the call is; otherwise, and after the answer, it does nothing.
   * @param trace of who does the work elsewhere
   */
  progress(progress: number, total?: number, message?: string, trace?: TraceContext): void;
}

/** Base64 text, or bytes: JSON carries bytes as base64, MessagePack as they are. */
export type BinaryData = Uint8Array | string;

/** MCP's content blocks. */
export type ContentBlock =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image' | 'audio'; readonly data: BinaryData; readonly mimeType: string }
  | { readonly type: 'resource'; readonly resource: ResourceContents }
  | {
      readonly type: 'resource_link';
      readonly uri: string;
      readonly name: string;
      readonly description?: string;
      readonly mimeType?: string;
    };

export interface ResourceContents {
  readonly uri: string;
  readonly mimeType?: string;
  readonly text?: string;
  readonly blob?: BinaryData;
}

/** A result with content of its own making. */
export interface ToolOutput {
  readonly content: readonly ContentBlock[];
  readonly structured?: unknown;
}

/**
 * What a tool may return: text; bytes (a resource block); content blocks; or any other object, which becomes the
 * structured result, with its JSON as text for clients that read only that. Nothing: no content.
 */
export type ToolReturn = string | Uint8Array | ToolOutput | object | void;

/** What a method carrying `@Tool` looks like. A `Failure` it throws is told to the caller, any other error only to the log. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the arguments are each tool's own DTO
export type ToolMethod = (args: any, caller: ToolCaller) => ToolReturn | Promise<ToolReturn>;

/**
 * Method decorator, on a method of any Nest provider:
 * `@Tool({ name: 'add', description: 'Adds two numbers', input: AddDto }) add(args: AddDto, caller: ToolCaller) { return { sum: args.a + args.b }; }`
 */
export const Tool =
  (options: ToolOptions) =>
  <T extends ToolMethod>(_target: object, _method: string | symbol, descriptor: TypedPropertyDescriptor<T>): void => {
    if (descriptor.value) Reflect.defineMetadata(TOOL, options, descriptor.value);
  };

/** The options that a method was decorated with, if it was. */
export const toolOptionsOf = (method: object): ToolOptions | undefined => Reflect.getMetadata(TOOL, method) as ToolOptions | undefined;
