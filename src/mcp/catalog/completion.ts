// Values that a client is offered for an argument of a prompt, or for a part of a resource's URI.
import type { CompleteRequestParams, CompleteResult } from '@modelcontextprotocol/server';

export type CompletionParams = CompleteRequestParams;
export type CompletionValues = CompleteResult['completion'];

export const NO_VALUES: CompletionValues = { values: [], total: 0, hasMore: false };
