/** gzip on the Compression Streams API, for browsers, which have no zstd. */
import type { AsyncCompressor, CompressionName, Inflated } from '../compression/compressor.js';

type Bytes = Uint8Array<ArrayBuffer>;

export const webGzip: AsyncCompressor = {
  name: 'gzip',
  async compress(bytes) {
    const compressed = await collect(piped(bytes, new CompressionStream('gzip')), Infinity);
    if (compressed === undefined) throw new Error('compression has no limit');
    return compressed;
  },
  async inflate(bytes, maxBytes): Promise<Inflated> {
    try {
      const inflated = await collect(piped(bytes, new DecompressionStream('gzip')), maxBytes);
      return inflated === undefined ? { ok: false, tooLarge: true } : { ok: true, bytes: inflated };
    } catch {
      return { ok: false, tooLarge: false };
    }
  },
};

export const webCompressors: readonly AsyncCompressor[] = [webGzip];

export function webCompressor(name: CompressionName): AsyncCompressor | undefined {
  return webCompressors.find((compressor) => compressor.name === name);
}

function piped(bytes: Uint8Array, transform: CompressionStream | DecompressionStream): ReadableStream<Bytes> {
  const source = new ReadableStream<Bytes>({
    start(controller) {
      controller.enqueue(bytes as Bytes);
      controller.close();
    },
  });
  return source.pipeThrough<Bytes>(transform);
}

/** What the stream gives, or `undefined` once that is more than `maxBytes`; the stream is then cancelled. */
async function collect(stream: ReadableStream<Bytes>, maxBytes: number): Promise<Uint8Array | undefined> {
  const chunks: Bytes[] = [];
  let length = 0;
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    length += next.value.length;
    if (length > maxBytes) {
      await reader.cancel();
      return undefined;
    }
    chunks.push(next.value);
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
