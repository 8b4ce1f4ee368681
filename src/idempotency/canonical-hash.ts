// Whether two requests ask for the same: a hash of their params that the order of members does not change.
import { createHash, type Hash } from 'node:crypto';

/** SHA-256, hex, of the value's canonical form. Bytes, big integers and times are told apart from each other and from text. */
export function canonicalHash(value: unknown): string {
  const form = new CanonicalForm();
  form.add(value);
  return form.digest();
}

/** Characters that are hashed at once: a call of the hash for each value would take longer than all else. */
const PIECE = 16_384;

class CanonicalForm {
  private readonly hash: Hash = createHash('sha256');
  private text = '';

  add(value: unknown): void {
    if (typeof value !== 'object' || value === null) this.scalar(value);
    else if (value instanceof Uint8Array) this.bytes(value);
    else if (value instanceof Date) this.put(`d${value.getTime()};`);
    else if (Array.isArray(value)) {
      this.put(`[${value.length}:`);
      for (const element of value) this.add(element);
    } else this.object(value);
  }

  digest(): string {
    this.flush();
    return this.hash.digest('hex');
  }

  private object(value: object): void {
    // A member that is undefined is no member, as in JSON.
    const keys = Object.keys(value).filter((key) => (value as Record<string, unknown>)[key] !== undefined);
    keys.sort();
    this.put(`{${keys.length}:`);
    for (const key of keys) {
      this.scalar(key);
      this.add((value as Record<string, unknown>)[key]);
    }
  }

  private scalar(value: unknown): void {
    // Lengths come first, so that no text can look like the end of one and the beginning of another.
    if (typeof value === 'string') this.put(`s${value.length}:${value}`);
    else this.put(`${typeof value === 'bigint' ? 'n' : 'v'}${String(value)};`);
  }

  private bytes(value: Uint8Array): void {
    this.put(`b${value.byteLength}:`);
    this.flush();
    this.hash.update(value);
  }

  private put(text: string): void {
    this.text += text;
    if (this.text.length >= PIECE) this.flush();
  }

  /** As UTF-16: lone surrogates stay what they are. */
  private flush(): void {
    this.hash.update(this.text, 'utf16le');
    this.text = '';
  }
}
