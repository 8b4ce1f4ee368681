// One message as a test sees it, and what an encoding must be able to do with messages. The encodings: wire.ts.

export const ENCODINGS = ['json', 'binary'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** A string in JSON, the frame's sequence id in binary. */
export type MessageId = string | number;

export const REQUEST = 0;
export const RESPONSE = 1;
export const NOTIFICATION = 2;
export const ERROR = 3;
export const PING = 4;
export const BATCH = 6;

/** One message as received, whatever it was encoded in. */
export interface Received {
  readonly encoding: Encoding;
  readonly type: number;
  readonly id?: MessageId;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { code: number; message: string; data?: unknown };
  readonly meta?: unknown;
  /** Whether it came as a member of a batch. */
  readonly batched: boolean;
}

export interface Wire {
  readonly subprotocols: readonly string[];
  /** The id of the client's `count`th message, from 1. */
  id(count: number): MessageId;
  request(id: MessageId, method: string, params?: unknown, meta?: object): string | Uint8Array;
  notification(method: string, params?: unknown, meta?: object): string | Uint8Array;
  response(id: MessageId, result: unknown, meta?: object): string | Uint8Array;
  error(id: MessageId, error: object): string | Uint8Array;
  ping(id: MessageId): string | Uint8Array;
  batch(id: MessageId, messages: readonly (string | Uint8Array)[]): string | Uint8Array;
  /** One WebSocket message, batches unpacked. A client reads both encodings at any time. */
  read(data: Buffer, isBinary: boolean): Received[];
}
