// A response's body, up to a size, and looked at before it is parsed. Of a stream of server-sent events, which has no end, each event.
import { Failure } from '../extension/failure.js';

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
 * The stream, which ends with a `Failure` too_large where the body or one event of it is larger, or is not to be parsed.
 * @param refused is told why it ends so: who reads it may not be
 */
export function limitedBody(
  body: ReadableStream<Uint8Array>,
  limits: BodyLimits,
  isEventStream: boolean,
  refused?: (failure: Failure) => void,
): ReadableStream<Uint8Array> {
  const whole = new Whole(limits, refused);
  const ends = isEventStream ? new EventEnds() : undefined;
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        let begin = 0;
        for (const end of ends?.in(chunk) ?? []) {
          whole.add(chunk.subarray(begin, end));
          whole.close();
          begin = end;
        }
        whole.add(chunk.subarray(begin));
        controller.enqueue(chunk);
      },
      flush: () => whole.close(),
    }),
  );
}

/** A body or an event, of which the parts go on as they come: nobody parses it before its last. */
class Whole {
  private parts: Uint8Array[] = [];
  private size = 0;

  constructor(
    private readonly limits: BodyLimits,
    private readonly refused: ((failure: Failure) => void) | undefined,
  ) {}

  add(part: Uint8Array): void {
    const { maxBytes, inspection } = this.limits;
    this.size += part.length;
    if (this.size > maxBytes) throw this.refusal(`the response is larger than ${maxBytes} bytes`);
    if (inspection !== undefined) this.parts.push(part);
  }

  close(): void {
    const { inspection } = this.limits;
    if (inspection !== undefined && this.size >= inspection.leastBytes) {
      const problem = inspection.problemOf(Buffer.concat(this.parts, this.size));
      if (problem !== undefined) throw this.refusal(problem);
    }
    this.parts = [];
    this.size = 0;
  }

  private refusal(message: string): Failure {
    const failure = new Failure('too_large', message);
    this.refused?.(failure);
    return failure;
  }
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
