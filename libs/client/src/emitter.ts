// Listeners by name. A listener that throws stops nothing but itself (listener.ts).
import { tell } from './listener.js';

export class Emitter<Events extends object> {
  private readonly listeners = new Map<keyof Events, Set<(value: never) => void>>();

  /** Returns the way to take the listener back. */
  on<N extends keyof Events>(name: N, listener: (value: Events[N]) => void): () => void {
    const listeners = this.listeners.get(name) ?? new Set();
    this.listeners.set(name, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  emit<N extends keyof Events>(name: N, value: Events[N]): void {
    for (const listener of this.listeners.get(name) ?? []) tell(listener, value as never);
  }
}
