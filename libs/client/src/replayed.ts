// Which signed messages of a connection have come before: somebody between could send one twice (protocol §4). Answers need
// no memory (an id is answered once), encrypted frames neither (their counter rises).
import { SequenceWindow } from '@mcpw/protocol';

const KEPT_NONCES = 10_000;

export class Replayed {
  private readonly nonces = new Set<string>();
  private sequences: SequenceWindow | undefined;

  /** Takes note of a text's nonce. @returns whether it had come before */
  hasNonce(nonce: string): boolean {
    if (this.nonces.has(nonce)) return true;
    this.nonces.add(nonce);
    if (this.nonces.size > KEPT_NONCES) this.nonces.delete(this.nonces.values().next().value as string);
    return false;
  }

  /** The same for a frame. @param sequenceId of a request or notification of the server's, which are counted together */
  hasSequence(sequenceId: number): boolean {
    return !(this.sequences ??= new SequenceWindow()).accept(sequenceId);
  }
}
