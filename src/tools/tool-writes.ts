// What the tools feature writes: that tools came and went, in the log of events.
import type { WriteContext, WritePrograms } from '../storage/write-program.js';

export interface OfferNotice {
  readonly tenant: string;
  readonly event: 'tool.registered' | 'tool.unregistered';
  readonly tools: readonly string[];
  readonly sessionId: string;
  readonly principalId: string;
}

export const toolWrites = {
  /** One event for each tool. */
  'tool.notice': (tx: WriteContext, { tenant, event, tools, sessionId, principalId }: OfferNotice): void => {
    for (const tool of tools) tx.publish({ tenant, event, data: { tool, session_id: sessionId, principal_id: principalId } });
  },
} satisfies WritePrograms;
