/** The port to a platform's compression. PROTOCOL.md §3. */

export type CompressionName = 'gzip' | 'zstd';

/** `tooLarge` where the limit was reached; otherwise the bytes are not of this algorithm. */
export type Inflated = { ok: true; bytes: Uint8Array } | { ok: false; tooLarge: boolean };

export interface Compressor {
  readonly name: CompressionName;
  compress(bytes: Uint8Array): Uint8Array;
  /** Stops, and gives up what it has, once there are more than `maxBytes`. */
  inflate(bytes: Uint8Array, maxBytes: number): Inflated;
}

/** The same, where the platform's compression is asynchronous. */
export interface AsyncCompressor {
  readonly name: CompressionName;
  compress(bytes: Uint8Array): Promise<Uint8Array>;
  inflate(bytes: Uint8Array, maxBytes: number): Promise<Inflated>;
}
