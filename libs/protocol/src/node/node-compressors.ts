/** gzip and zstd on node:zlib: synchronous. */
import * as zlib from 'node:zlib';
import type { CompressionName, Compressor, Inflated } from '../compression/compressor.js';

/** Binary logarithm of the memory that a zstd frame may ask for before it inflates anything: 8 MiB, RFC 8878 §3.1.1.1.2. */
const ZSTD_WINDOW_LOG = 23;

export const nodeGzip: Compressor = {
  name: 'gzip',
  compress: (bytes) => zlib.gzipSync(bytes, { level: 1 }),
  inflate: (bytes, maxBytes) => attempt(() => zlib.gunzipSync(bytes, { maxOutputLength: maxBytes })),
};

export const nodeZstd: Compressor = {
  name: 'zstd',
  compress: (bytes) => zlib.zstdCompressSync(bytes, { params: { [zlib.constants.ZSTD_c_compressionLevel]: 1 } }),
  inflate: (bytes, maxBytes) =>
    attempt(() =>
      zlib.zstdDecompressSync(bytes, { maxOutputLength: maxBytes, params: { [zlib.constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG } }),
    ),
};

/** What this Node can, the best first; zstd came with 22.15. */
export const nodeCompressors: readonly Compressor[] = typeof zlib.zstdCompressSync === 'function' ? [nodeZstd, nodeGzip] : [nodeGzip];

export function nodeCompressor(name: CompressionName): Compressor | undefined {
  return nodeCompressors.find((compressor) => compressor.name === name);
}

function attempt(inflate: () => Uint8Array): Inflated {
  try {
    return { ok: true, bytes: inflate() };
  } catch (error) {
    return { ok: false, tooLarge: (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' };
  }
}
