/** Base64url without padding, RFC 4648 §5, strict: the one text for the bytes is accepted and no other. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const VALUES = new Map(Array.from(ALPHABET, (letter, value) => [letter, value]));

export function toBase64url(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let kept = 0;
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xffff;
    for (kept += 8; kept >= 6; kept -= 6) text += ALPHABET[(bits >>> (kept - 6)) & 63]!;
  }
  return kept === 0 ? text : text + ALPHABET[(bits << (6 - kept)) & 63]!;
}

/** The bytes, or `undefined` where `text` is not base64url. */
export function fromBase64url(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.floor((text.length * 6) / 8));
  let bits = 0;
  let kept = 0;
  let at = 0;
  for (const letter of text) {
    const value = VALUES.get(letter);
    if (value === undefined) return undefined;
    bits = ((bits << 6) | value) & 0xffff;
    kept += 6;
    if (kept >= 8) {
      kept -= 8;
      bytes[at++] = bits >>> kept;
    }
  }
  return kept < 6 && (bits & ((1 << kept) - 1)) === 0 ? bytes : undefined;
}
