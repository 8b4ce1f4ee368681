// Events of the log prepared a short while ago: many who fell behind together read the same ones, and each is encoded once for all.
// Not a queue: what is not here is read from the log.
import type { LoggedEvent } from '../storage/write-program.js';
import { PreparedEvent } from './prepared-event.js';

const MAX_EVENTS = 1024;
const MAX_CHARACTERS = 2_097_152;

export class RecentEvents {
  private readonly bySeq = new Map<number, PreparedEvent>();
  private characters = 0;

  prepare(logged: Pick<LoggedEvent, 'event' | 'seq' | 'at' | 'data' | 'packed'>): PreparedEvent {
    const known = this.bySeq.get(logged.seq);
    if (known !== undefined) return known;
    const prepared = PreparedEvent.logged(logged);
    this.bySeq.set(logged.seq, prepared);
    this.characters += prepared.size;
    for (const [seq, oldest] of this.bySeq) {
      if (this.bySeq.size <= MAX_EVENTS && this.characters <= MAX_CHARACTERS) break;
      this.bySeq.delete(seq);
      this.characters -= oldest.size;
    }
    return prepared;
  }
}
