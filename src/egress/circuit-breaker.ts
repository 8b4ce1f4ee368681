// Stops calling what fails again and again: after some failures in a row it is left alone for a while, then tried with one call.
import type { Clock } from '../extension/clock.js';

export type CircuitState = 'closed' | 'open' | 'half_open';

export interface CircuitOptions {
  /** Failures in a row that open it. */
  readonly threshold: number;
  /** How long it stays open the first time; twice as long each time that the trial fails. */
  readonly openMs: number;
  readonly maxOpenMs: number;
}

const CIRCUIT: CircuitOptions = { threshold: 5, openMs: 5_000, maxOpenMs: 60_000 };

export class CircuitBreaker {
  private failures = 0;
  private openedAt = 0;
  private openForMs = 0;
  private isTrying = false;

  constructor(
    private readonly clock: Clock,
    private readonly options: CircuitOptions = CIRCUIT,
  ) {}

  get state(): CircuitState {
    if (this.openForMs === 0) return 'closed';
    return this.clock.now() - this.openedAt < this.openForMs ? 'open' : 'half_open';
  }

  /** Asks to make a call, whose end `succeeded`, `failed` or `abandoned` must tell. @returns 0: go on; else ms until it is worth asking again */
  admit(): number {
    switch (this.state) {
      case 'closed':
        return 0;
      case 'open':
        return this.openForMs - (this.clock.now() - this.openedAt);
      case 'half_open':
        if (this.isTrying) return this.options.openMs;
        this.isTrying = true;
        return 0;
    }
  }

  succeeded(): void {
    this.failures = 0;
    this.openForMs = 0;
    this.isTrying = false;
  }

  failed(): void {
    const { threshold, openMs, maxOpenMs } = this.options;
    this.failures++;
    if (this.isTrying || (this.openForMs === 0 && this.failures >= threshold)) {
      this.openForMs = Math.min(maxOpenMs, this.openForMs === 0 ? openMs : this.openForMs * 2);
      this.openedAt = this.clock.now();
    }
    this.isTrying = false;
  }

  /** The call told nothing: its caller gave up. */
  abandoned(): void {
    this.isTrying = false;
  }
}
