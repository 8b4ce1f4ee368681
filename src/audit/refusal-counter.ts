// Counts refusals that are alike, so that somebody who tries a million times gets a few lines: the first at once, and how often it
// came again when a minute is over. Bounded: past its capacity the refusals of strangers are counted together.
import type { AuditEntry } from '../extension/audit-log.js';

export const REFUSAL_WINDOW_MS = 60_000;

interface Counted {
  readonly entry: AuditEntry;
  readonly endsAt: number;
  /** After the first. */
  again: number;
}

export class RefusalCounter {
  /** In the order in which their windows end. */
  private readonly open = new Map<string, Counted>();

  constructor(private readonly capacity = 10_000) {}

  get size(): number {
    return this.open.size;
  }

  /** @returns the entry to be written now; undefined where it is only counted */
  note(entry: AuditEntry, now: number): AuditEntry | undefined {
    const { action, outcome, tenant, principal, target, reason, address } = entry;
    const name = `${action}\n${outcome}\n${tenant}\n${principal}\n${target}\n${reason}\n${address}`;
    const known = this.open.get(name);
    if (known !== undefined) {
      known.again++;
      return undefined;
    }
    if (this.open.size < this.capacity) {
      this.open.set(name, { entry, endsAt: now + REFUSAL_WINDOW_MS, again: 0 });
      return entry;
    }
    const key = `${action}\n${outcome}`;
    const others = this.open.get(key);
    if (others !== undefined) {
      others.again++;
      return undefined;
    }
    const together = { action, outcome };
    this.open.set(key, { entry: together, endsAt: now + REFUSAL_WINDOW_MS, again: 0 });
    return together;
  }

  /** Forgets what is over. @param now Infinity: all */
  sweep(now: number): AuditEntry[] {
    const due: AuditEntry[] = [];
    for (const [key, { entry, endsAt, again }] of this.open) {
      if (endsAt > now) break;
      this.open.delete(key);
      // The session was the first one's.
      if (again > 0) due.push({ ...entry, session: undefined, count: again });
    }
    return due;
  }
}
