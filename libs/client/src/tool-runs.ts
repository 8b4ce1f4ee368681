// Runs of the client's own tools, as the server asks for them: each answered once, cancelled when the server says so or when
// the connection that asked is gone.
import { ErrorCode } from '@mcpw/protocol';

import { ConnectionLostError, McpwError } from './errors.js';
import type { IncomingRequest, MessageId } from './incoming.js';
import type { JsonObject, ToolDefinition } from './method-map.js';
import type { Clock } from './platform.js';
import { completed, failed, type ToolReturn } from './tool-answer.js';

export interface ToolContext {
  /** Aborted when the caller cancels, its time is up, or the connection is lost. */
  readonly signal: AbortSignal;
  /**
   * Tells a caller that asked for it how far the call is. Of many steps in a short time the server passes on the latest.
   * @throws McpwError `too_large`, and the step is not told
   */
  readonly progress: (progress: number, total?: number, message?: string) => void;
}

export interface OfferedTool<A = JsonObject> extends ToolDefinition {
  /**
   * Runs the tool. The message of an error that it throws is the result's `error.message`, and the `data` of an `McpwError`, where
   * that is an object, its `error.data`; its code tells the caller nothing. An answer that cannot be sent, since it is too large
   * or no JSON, is a failed result that says so.
   * @param args checked by the server against `inputSchema`
   */
  run(args: A, context: ToolContext): ToolReturn | Promise<ToolReturn>;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each tool knows what its arguments are
export type AnyTool = OfferedTool<any>;

export interface RunsLink {
  notify(method: 'tool.progress', params: object): void;
  respond(request: IncomingRequest, result: unknown): void;
  refuse(request: IncomingRequest, error: McpwError): void;
}

export class ToolRuns {
  /** By the request's id as text: a cancel names it in either encoding. */
  private readonly running = new Map<string, AbortController>();

  constructor(
    private readonly link: RunsLink,
    private readonly clock: Clock,
  ) {}

  /** @param tool undefined where none of this name is offered */
  async run(request: IncomingRequest, tool: AnyTool | undefined): Promise<void> {
    if (tool === undefined) return this.link.refuse(request, new McpwError(ErrorCode.NOT_FOUND, 'no such tool is offered here'));
    const id = String(request.id);
    const controller = new AbortController();
    this.running.set(id, controller);
    const isLive = (): boolean => this.running.get(id) === controller;
    const startedAt = this.clock.now();
    try {
      const args = (request.params['arguments'] ?? {}) as JsonObject;
      const progress: ToolContext['progress'] = (value, total, message) => {
        if (isLive()) this.link.notify('tool.progress', progressOf(request.id, value, total, message));
      };
      const returned = await tool.run(args, { signal: controller.signal, progress });
      if (isLive()) this.link.respond(request, completed(tool.name, returned, this.clock.now() - startedAt));
    } catch (error) {
      if (isLive()) this.fail(request, tool.name, error, startedAt);
    } finally {
      if (isLive()) this.running.delete(id);
    }
  }

  /** The server no longer waits for the answer. */
  cancel(requestId: MessageId): void {
    this.running.get(String(requestId))?.abort(new McpwError(ErrorCode.CANCELLED, 'cancelled by the caller'));
  }

  /** Nobody waits for any answer any more. */
  lost(error: Error): void {
    const controllers = [...this.running.values()];
    this.running.clear();
    const reason = new ConnectionLostError('the connection of the caller was lost', undefined, { cause: error });
    for (const controller of controllers) controller.abort(reason);
  }

  private fail(request: IncomingRequest, tool: string, error: unknown, startedAt: number): void {
    if (error instanceof McpwError) this.link.refuse(request, error);
    else this.link.respond(request, failed(tool, error, this.clock.now() - startedAt));
  }
}

function progressOf(id: MessageId, progress: number, total: number | undefined, message: string | undefined): object {
  return { request_id: id, progress, ...(total === undefined ? {} : { total }), ...(message === undefined ? {} : { message }) };
}
