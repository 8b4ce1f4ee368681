// A response's body, up to a size. Of a stream of server-sent events, which has no end, each event up to that size.
import { Failure } from '../extension/failure.js';

const NEWLINE = 10;

/** The stream, which ends with a `Failure` too_large where the body or one event of it is larger. */
export function limitedBody(body: ReadableStream<Uint8Array>, maxBytes: number, isEventStream: boolean): ReadableStream<Uint8Array> {
  let size = 0;
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        const begin = isEventStream ? lastEventEnd(chunk) : -1;
        size = begin === -1 ? size + chunk.length : chunk.length - begin;
        if (size > maxBytes || chunk.length > maxBytes) throw new Failure('too_large', `the response is larger than ${maxBytes} bytes`);
        controller.enqueue(chunk);
      },
    }),
  );
}

/** Index after the last empty line of the chunk, -1 where it has none. One that two chunks share is missed: the next is not. */
function lastEventEnd(chunk: Uint8Array): number {
  for (let i = chunk.lastIndexOf(NEWLINE); i > 0; i = chunk.lastIndexOf(NEWLINE, i - 1)) {
    const before = chunk[i - 1] === 13 ? i - 2 : i - 1;
    if (before >= 0 && chunk[before] === NEWLINE) return i + 1;
  }
  return -1;
}
