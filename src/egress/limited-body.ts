// A response's body, up to a size, and looked at before it is parsed. Of a stream of server-sent events, which has no end, each event.
import { Failure } from '../extension/failure.js';
import { GrowingBytes } from './growing-bytes.js';

const LF = 10;
const CR = 13;

/** A look at what has so many bytes or more, before anybody parses it. */
export interface Inspection {
  readonly leastBytes: number;
  /** Why it is not to be parsed. */
  problemOf(bytes: Uint8Array): string | undefined;
}

export interface BodyLimits {
  /** Of a whole body; of a stream of events, of each. */
  readonly maxBytes: number;
  readonly inspection?: Inspection | undefined;
}

/**
 * The stream, in wholes: a body, or each event. It ends with a `Failure` too_large where one of them is larger, or is not to be parsed.
 * @param refused is told why it ends so: who reads it may not be
 */
export function limitedBody(
  body: ReadableStream<Uint8Array>,
  { maxBytes, inspection }: BodyLimits,
  isEventStream: boolean,
  refused?: (failure: Failure) => void,
): ReadableStream<Uint8Array> {
  const whole = new GrowingBytes(maxBytes);
  const ends = isEventStream ? new EventEnds() : undefined;
  const refusal = (message: string): Failure => {
    const failure = new Failure('too_large', message);
    refused?.(failure);
    return failure;
  };
  const add = (piece: Uint8Array): void => {
    if (!whole.add(piece)) throw refusal(`the response is larger than ${maxBytes} bytes`);
  };
  const passOn = (controller: TransformStreamDefaultController<Uint8Array>): void => {
    if (whole.length === 0) return;
    const bytes = whole.take();
    const problem = inspection !== undefined && bytes.length >= inspection.leastBytes ? inspection.problemOf(bytes) : undefined;
    if (problem !== undefined) throw refusal(problem);
    controller.enqueue(bytes);
  };
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        let begin = 0;
        for (const end of ends?.in(chunk) ?? []) {
          add(chunk.subarray(begin, end));
          passOn(controller);
          begin = end;
        }
        add(chunk.subarray(begin));
      },
      flush: passOn,
    }),
  );
}

/** Where events end in a stream that comes in chunks: behind each empty line. Lines end with CR, LF or both. */
class EventEnds {
  private isLineEmpty = true;
  private isAfterCr = false;
  private isAfterEnd = false;

  /** Indices behind the ends in the chunk. */
  in(chunk: Uint8Array): number[] {
    const found: number[] = [];
    for (let i = 0; i < chunk.length; i++) {
      if (this.isEnd(chunk[i] as number)) found.push(i + 1);
    }
    return found;
  }

  /** Whether an event ends with this byte, as far as it has come. */
  private isEnd(byte: number): boolean {
    const isSecondHalf = byte === LF && this.isAfterCr;
    this.isAfterCr = byte === CR;
    if (isSecondHalf) return this.isAfterEnd;
    const endsLine = byte === LF || byte === CR;
    this.isAfterEnd = endsLine && this.isLineEmpty;
    this.isLineEmpty = endsLine;
    return this.isAfterEnd;
  }
}
