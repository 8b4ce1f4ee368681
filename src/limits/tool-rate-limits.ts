// Token buckets of tools that have a limit, one for each tenant and tool. A tool without a limit costs a look at a number.
import { Injectable, type OnModuleDestroy } from '@nestjs/common';

import { Failure } from '../extension/failure.js';
import type { ToolLimits } from '../extension/tool-limits.js';
import { LimitStore } from './limit-store.js';
import { TokenBucket } from './token-bucket.js';

@Injectable()
export class ToolRateLimits implements ToolLimits, OnModuleDestroy {
  /** No more than there are limits. */
  private readonly buckets = new Map<string, TokenBucket>();
  private readonly stopListening: () => void;

  constructor(private readonly limits: LimitStore) {
    this.stopListening = limits.onChanged(({ scope, tenant, name }) => {
      if (scope === 'tool') this.adjust(tenant, name);
    });
  }

  onModuleDestroy(): void {
    this.stopListening();
  }

  admit(tenant: string, tool: string): Failure | undefined {
    const limit = this.limits.ofTool(tenant, tool);
    if (limit === undefined) return undefined;
    const now = performance.now();
    const key = `${tenant}:${tool}`;
    let bucket = this.buckets.get(key);
    if (bucket === undefined) this.buckets.set(key, (bucket = new TokenBucket(limit.rate, limit.burst, now)));
    if (!bucket.has(now)) {
      return new Failure('rate_limited', `the rate limit of tool ${tool} is reached`, { retry_after_ms: bucket.waitMs(), scope: 'tool' });
    }
    bucket.take();
    return undefined;
  }

  private adjust(tenant: string, tool: string): void {
    const key = `${tenant}:${tool}`;
    const limit = this.limits.ofTool(tenant, tool);
    if (limit === undefined) this.buckets.delete(key);
    else this.buckets.get(key)?.setLimits(limit.rate, limit.burst);
  }
}
