/** The JSON envelope's types. PROTOCOL.md §2. Reading is `parse-text.ts`, writing `write-text.ts`. */
import type { MessageType } from '../catalog/message-type.js';

export type JsonObject = Record<string, unknown>;

/** What an error carries, in both encodings. */
export interface WireError {
  code: number;
  message: string;
  data?: unknown;
}

/** Everything about a message that is not its content. */
export interface EnvelopeMeta {
  /** W3C Trace Context. */
  traceparent?: string;
  tracestate?: string;
  /** 1 to 128 characters. PROTOCOL.md §6. */
  idempotency_key?: string;
  /** How long the sender waits, a positive integer of milliseconds. */
  timeout_ms?: number;
}

/** One checked message. Members that its type does not carry are `undefined`; `method` and `id` are then `''`. */
export interface Envelope {
  type: MessageType;
  id: string;
  method: string;
  params?: JsonObject | undefined;
  result?: unknown;
  error?: WireError | undefined;
  meta?: EnvelopeMeta | undefined;
  /** Milliseconds since the Unix epoch. */
  ts?: number | undefined;
  nonce?: string | undefined;
  /** A batch's members, each read or refused on its own. */
  members?: ParsedMessage[] | undefined;
}

/** Why a message is not accepted, in the words of the error that answers it. */
export interface Refusal {
  ok: false;
  /** As the message has it; -1 where that could not be read. */
  type: number;
  /** The message's id, or `''` where it could not be read. */
  id: string;
  code: number;
  message: string;
}

export type ParsedMessage = { ok: true; envelope: Envelope } | Refusal;
