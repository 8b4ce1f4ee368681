// A tool's execution with its progress as something to iterate: `for await (const step of run)`, then `await run.result`.
import type { Progress } from './call.js';
import { EventBuffer } from './event-buffer.js';
import type { ToolResult } from './method-map.js';

/** Steps that nobody has taken yet: a later one says more than those before it. */
const KEPT_STEPS = 1_000;

export class ToolRun implements AsyncIterable<Progress> {
  readonly result: Promise<ToolResult>;
  private readonly steps = new EventBuffer<Progress>(KEPT_STEPS);

  /** @param start executes the tool and tells its progress */
  constructor(start: (onProgress: (progress: Progress) => void) => Promise<ToolResult>) {
    this.result = start((progress) => this.steps.put(progress));
    const end = (): void => this.steps.end();
    // The loop over the steps ends whether it went well or not: what became of it is for `result` to say.
    this.result.then(end, end);
  }

  [Symbol.asyncIterator](): AsyncIterator<Progress, undefined> {
    return { next: () => this.steps.take() };
  }
}
