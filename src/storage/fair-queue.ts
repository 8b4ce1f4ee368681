// What waits for its turn, of several tenants: one of each after the other, so that nobody waits for all that another has asked for.
import { Failure } from '../extension/failure.js';

export interface FairQueueLimits {
  readonly ofTenant: number;
  readonly inAll: number;
}

const NO_LIMITS: FairQueueLimits = { ofTenant: Infinity, inAll: Infinity };
const RETRY_AFTER_MS = 1_000;

export class FairQueue<T> {
  /** In the order of their turns. None is empty. */
  private readonly waiting = new Map<string, Set<T>>();
  private size = 0;

  constructor(private readonly limits = NO_LIMITS) {}

  /** @throws Failure unavailable where too many wait already, of the tenant or in all */
  push(tenant: string, item: T): void {
    const { ofTenant, inAll } = this.limits;
    const items = this.waiting.get(tenant) ?? new Set();
    if (items.size >= ofTenant) throw tooMany(`${ofTenant} reads of this tenant`);
    if (this.size >= inAll) throw tooMany(`${inAll} reads`);
    this.waiting.set(tenant, items.add(item));
    this.size++;
  }

  /** The next one, which waits no longer; its tenant's turn comes again after all others'. Pushed again it waits behind its tenant's others. */
  shift(): T | undefined {
    for (const [tenant, items] of this.waiting) {
      for (const item of items) {
        this.remove(tenant, item);
        if (this.waiting.delete(tenant)) this.waiting.set(tenant, items);
        return item;
      }
    }
    return undefined;
  }

  remove(tenant: string, item: T): void {
    const items = this.waiting.get(tenant);
    if (!items?.delete(item)) return;
    this.size--;
    if (items.size === 0) this.waiting.delete(tenant);
  }
}

const tooMany = (what: string): Failure => new Failure('unavailable', `${what} are waiting`, { retry_after_ms: RETRY_AFTER_MS });
