// When each key was last used: noted in memory, handed on in groups, so that a handshake writes nothing.

export class KeyUses {
  private pending = new Map<string, number>();

  /** @param at milliseconds since the Unix epoch */
  note(id: string, at: number): void {
    this.pending.set(id, at);
  }

  /** What is noted and not yet handed on. */
  of(id: string): number | undefined {
    return this.pending.get(id);
  }

  take(): (readonly [id: string, at: number])[] {
    const taken = [...this.pending];
    this.pending = new Map();
    return taken;
  }

  /** Gives back what could not be written; later uses win. */
  putBack(uses: readonly (readonly [id: string, at: number])[]): void {
    this.pending = new Map([...uses, ...this.pending]);
  }
}
