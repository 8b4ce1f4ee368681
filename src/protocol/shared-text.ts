// A notification that many receive, as JSON text: each gets a copy with its own subscription id in it.
import type { SharedMessage } from '../connection/shared-message.js';

/** Any 22 characters: each receiver's own are written over them. */
const PLACEHOLDER = '0'.repeat(22);

export class SharedText implements SharedMessage {
  readonly isText = true;
  readonly sequenceOffset = undefined;
  readonly idOffset: number;
  private readonly bytes: Buffer;

  /** @param members JSON text of the params' members, without braces */
  constructor(method: string, members: string) {
    const head = `{"type":2,"method":${JSON.stringify(method)},"params":{"subscription_id":"`;
    this.bytes = Buffer.from(`${head}${PLACEHOLDER}"${members === '' ? '' : ','}${members}}}`);
    this.idOffset = Buffer.byteLength(head);
  }

  get length(): number {
    return this.bytes.length;
  }

  place(target: Buffer, offset: number, subscriptionId: string): void {
    target.set(this.bytes, offset);
    target.latin1Write(subscriptionId, offset + this.idOffset, subscriptionId.length);
  }
}
