// The port to a place that prompts come from: other servers, a team's own module.
import type { GetPromptResult, Prompt } from '@modelcontextprotocol/server';

import type { Caller } from '../../extension/caller.js';
import type { CompletionParams, CompletionValues } from './completion.js';

export interface PromptSource {
  readonly name: string;
  /** Those that the caller may get. */
  list(caller: Caller): readonly Prompt[] | Promise<readonly Prompt[]>;
  /** Whether a prompt's name is of this source. */
  owns(caller: Caller, name: string): boolean;
  /** @throws Failure `not_found`, `invalid_params` for arguments that are missing; `InputRequired` */
  get(caller: Caller, name: string, args: Readonly<Record<string, string>>): Promise<GetPromptResult> | GetPromptResult;
  complete?(caller: Caller, params: CompletionParams): Promise<CompletionValues> | CompletionValues;
  /** Told whose list is another now; null: every tenant's. Returns the way to take it back. */
  onListChanged(listener: (tenants: readonly string[] | null) => void): () => void;
}
