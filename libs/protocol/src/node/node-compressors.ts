/** gzip and zstd on node:zlib: synchronous. */
import * as zlib from 'node:zlib';
import type { CompressionName, Compressor, Inflated } from '../compression/compressor.js';

/** Binary logarithm of the memory that a zstd frame may ask for before it inflates anything: 8 MiB, RFC 8878 §3.1.1.1.2. */
const ZSTD_WINDOW_LOG = 23;

const GZIP_MAGIC = Uint8Array.of(0x1f, 0x8b, 0x08);
const ZSTD_MAGIC = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd);

export const nodeGzip: Compressor = {
  name: 'gzip',
  compress: (bytes) => zlib.gzipSync(bytes, { level: 1 }),
  inflate: (bytes, maxBytes) =>
    attempt(bytes, GZIP_MAGIC, () => zlib.gunzipSync(bytes, { maxOutputLength: maxBytes, chunkSize: chunkSizeFor(bytes) })),
};

export const nodeZstd: Compressor = {
  name: 'zstd',
  compress: (bytes) => zlib.zstdCompressSync(bytes, { params: { [zlib.constants.ZSTD_c_compressionLevel]: 1 } }),
  inflate: (bytes, maxBytes) =>
    attempt(bytes, ZSTD_MAGIC, () =>
      zlib.zstdDecompressSync(bytes, {
        maxOutputLength: maxBytes,
        chunkSize: chunkSizeFor(bytes),
        params: { [zlib.constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG },
      }),
    ),
};

/** What this Node can, the best first; zstd came with 22.15. */
export const nodeCompressors: readonly Compressor[] = typeof zlib.zstdCompressSync === 'function' ? [nodeZstd, nodeGzip] : [nodeGzip];

export function nodeCompressor(name: CompressionName): Compressor | undefined {
  return nodeCompressors.find((compressor) => compressor.name === name);
}

/**
 * node:zlib keeps the output buffer of an inflation that failed until the event loop turns, 22 KB at its default size
 * (Node 24), and one read of a socket may hold thousands of frames. So the buffer is in proportion to what was sent.
 */
function chunkSizeFor(bytes: Uint8Array): number {
  return Math.min(16_384, Math.max(512, bytes.length * 4));
}

function attempt(bytes: Uint8Array, magic: Uint8Array, inflate: () => Uint8Array): Inflated {
  if (!magic.every((byte, i) => bytes[i] === byte)) return { ok: false, tooLarge: false };
  try {
    return { ok: true, bytes: inflate() };
  } catch (error) {
    return { ok: false, tooLarge: (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' };
  }
}
