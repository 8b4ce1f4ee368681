/**
 * The public door of `@mcpw/protocol`: the wire of MCPW. No socket, no server, nothing that only Node has; Node's
 * cryptography and compression are `@mcpw/protocol/node`, those of browsers `@mcpw/protocol/web`.
 */
export { CLOSE_NAMES, CloseCode, mayReconnect } from './catalog/close-code.js';
export { ERROR_NAMES, ErrorCode } from './catalog/error-code.js';
export { FrameFlag, KNOWN_FLAGS } from './catalog/frame-flag.js';
export { isAnswer, isCall, MessageType } from './catalog/message-type.js';
export { FIRST_MODULE_METHOD, METHOD_NUMBERS, type MethodName, type MethodNumber } from './catalog/method-numbers.js';
export { SUBPROTOCOL } from './catalog/subprotocol.js';
export {
  DEFAULT_COMPRESSION_THRESHOLD,
  DEFAULT_MAX_MESSAGE_SIZE,
  MAX_BATCH,
  MAX_DEPTH,
  MAX_ID_LENGTH,
  MAX_NONCE_LENGTH,
  MIN_NONCE_LENGTH,
  SHORTEST_TOO_DEEP,
} from './limits.js';

export type { Envelope, EnvelopeMeta, JsonObject, ParsedMessage, Refusal, WireError } from './text/envelope.js';
export { isDeeperThan } from './text/json-depth.js';
export { parseText } from './text/parse-text.js';
export { batchText, errorText, notificationText, pingText, pongText, requestText, responseText } from './text/write-text.js';

export { Frame, type FrameRefusal, type ParsedFrame } from './frame/frame.js';
export { FrameWriter } from './frame/frame-writer.js';
export { FRAME_MAGIC, FRAME_VERSION, HEADER_BYTES, SEAL_BYTES, SIGNATURE_BYTES, writeHeader } from './frame/header.js';
export { controlMetaShape, metaShape } from './frame/meta-shape.js';
export { Payload } from './frame/payload.js';
export { type BareParts, readBare } from './frame/read-bare.js';
export { readFrame } from './frame/read-frame.js';

export { type Decoded, decodeMsgpack, msgpackProblem } from './msgpack/decode.js';
export { encodeMsgpack } from './msgpack/encode.js';
export { Encoded, type PackTarget } from './msgpack/encoded.js';
export { EncodedOnce } from './msgpack/encoded-once.js';
export { jsonValueOf, setOwn } from './msgpack/json-value.js';
export { PackedArray, RawJson, RawMsgpack } from './msgpack/raw.js';
export { MsgpackReader } from './msgpack/reader.js';
export { type AnyCodec, type Codec, type Field, KnownTexts, oneOf } from './msgpack/field.js';
export { listOf } from './msgpack/list-of.js';
export { defineShape, type Fields, type Shape, type ShapeOptions } from './msgpack/shape.js';
export { MsgpackWriter, newSlab } from './msgpack/writer.js';

export * as contextShapes from './shapes/context-shapes.js';
export * as eventShapes from './shapes/event-shapes.js';
export * as sessionShapes from './shapes/session-shapes.js';
export { type EventDelivery, eventDelivery, SharedEvent, type SharedEventParams } from './shapes/shared-event.js';
export { METHOD_SHAPES, type MethodShapes, shapesOf } from './shapes/shapes.js';
export * as toolShapes from './shapes/tool-shapes.js';

export { compressFrame, compressFrameAsync, inflateFrame, inflateFrameAsync } from './compression/compress-frame.js';
export type { AsyncCompressor, CompressionName, Compressor, Inflated } from './compression/compressor.js';

export { fromBase64url, toBase64url } from './security/base64url.js';
export { CounterGuard } from './security/counter-guard.js';
export type { AsyncSecureChannel, KeyExchange, OpenedText, SecureChannel } from './security/secure-channel.js';
export { SEQUENCE_WINDOW, SequenceWindow } from './security/sequence-window.js';
export { KEY_BYTES, type KeyAgreement, type KeyPair, NONCE_BYTES, type Role, SessionKeys } from './security/session-keys.js';
