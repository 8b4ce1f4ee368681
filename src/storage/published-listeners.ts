// Those who wait for events to be committed. One that throws harms neither the others nor the write.
import { Logger } from '@nestjs/common';

import type { LoggedEvent } from './write-program.js';

export type PublishedListener = (events: readonly LoggedEvent[]) => void;

export class PublishedListeners {
  private readonly logger = new Logger('Storage');
  private readonly listeners = new Set<PublishedListener>();

  /** Returns the way to take it back. */
  add(listener: PublishedListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell(events: readonly LoggedEvent[]): void {
    if (events.length === 0) return;
    for (const listener of this.listeners) {
      try {
        listener(events);
      } catch (error) {
        this.logger.error('a listener of committed events threw', error instanceof Error ? error.stack : error);
      }
    }
  }
}
