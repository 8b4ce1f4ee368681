/** The public door of `@mcpw/protocol`: the wire of MCPW. No socket, no server, nothing that only Node has. */
export { CLOSE_NAMES, CloseCode, mayReconnect } from './catalog/close-code.js';
export { ERROR_NAMES, ErrorCode } from './catalog/error-code.js';
export { FrameFlag, KNOWN_FLAGS } from './catalog/frame-flag.js';
export { MessageType } from './catalog/message-type.js';
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
} from './limits.js';
export type { Envelope, EnvelopeMeta, JsonObject, ParsedMessage, Refusal, WireError } from './text/envelope.js';
export { parseText } from './text/parse-text.js';
export {
  batchText,
  errorText,
  notificationText,
  pingText,
  pongText,
  requestText,
  responseText,
} from './text/write-text.js';
