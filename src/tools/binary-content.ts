// Bytes that say how JSON carries them, so that an encoder need not look for them in every result.

/** The same memory as plain bytes: MessagePack carries them as they are, `JSON.stringify` as base64. */
export function asBinaryContent(bytes: Uint8Array): Uint8Array {
  const view = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  Object.defineProperty(view, 'toJSON', { value: toBase64, enumerable: false });
  return view;
}

function toBase64(this: Uint8Array): string {
  return Buffer.from(this.buffer, this.byteOffset, this.byteLength).toString('base64');
}
