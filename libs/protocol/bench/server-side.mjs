// The built server's own code, in both encodings: what stands between a socket's message and the handler's params, and
// between the handler's result and the bytes in the outgoing buffer; and beside it JSON written plainly, as a server does that
// keeps nothing encoded. Left out everywhere: the socket, limits and guards, validation of params against their DTO.
import { METHOD_NUMBERS } from '../dist/index.js';
import { Codecs } from '../../../dist/protocol/codecs.js';
import { ReplayGuard } from '../../../dist/protocol/guards/replay.guard.js';
import { Reader } from '../../../dist/protocol/reader.js';

const methods = Object.entries(METHOD_NUMBERS).map(([name, number]) => ({ name, number }));
const byName = new Map(methods.map((method) => [method.name, method]));
const byNumber = new Map(methods.map((method) => [method.number, method]));
const table = {
  find: (name) => byName.get(name),
  findNumber: (number) => byNumber.get(number),
  numberOf: (name) => METHOD_NUMBERS[name] ?? 0,
};
const batching = { enabled: false, maxMessages: 100, maxBytes: 16_384, flushIntervalMs: 0 };
const config = { websocket: { maxMessageBytes: 1_048_576, maxBatch: 100, batching, security: { antiReplay: true } } };
const connection = { sealer: undefined, outbox: { batcher: undefined } };

export const codecs = new Codecs(config, table);
const reader = new Reader(config, codecs, table, new ReplayGuard(config, { now: () => Date.now() }, { admit: () => undefined }));

/** From a socket's Buffer to the params that validation and handler get. */
export const readText = (data) => contentOf(reader.readText(connection, data));
export const readFrame = (data) => contentOf(reader.readFrame(connection, data, 0, data.length));

/** What a call keeps of its message. */
function contentOf(message) {
  if (Array.isArray(message)) return message.map(contentOf);
  const call = { meta: undefined, body: undefined };
  message.read(call);
  return call;
}

const outgoing = Buffer.allocUnsafeSlow(524_288);
/** Undefined: what was written last is in the buffer above. */
let lastFrame;

/** Plainly: the whole envelope by one `JSON.stringify`, and its text as UTF-8 in the outgoing buffer; returns the length. */
export function writePlain(envelope) {
  return placeText(JSON.stringify(envelope));
}

/** From a handler's result to where the socket takes its bytes from; returns the length. */
export function writeText(id, method, result) {
  return placeText(codecs.text.response(id, byName.get(method), result));
}

export function writeFrame(id, method, result) {
  const frame = (lastFrame = codecs.binary.response(id, byName.get(method), result));
  frame.release();
  return frame.length;
}

/** A notification for one of its receivers; returns the length. */
export function writeShared(codec, notification) {
  const shared = codec.shared(notification);
  shared.place(outgoing, 0, SUBSCRIPTION_ID, 7);
  lastFrame = undefined;
  return shared.length;
}

export const SUBSCRIPTION_ID = 'c3Vic2NyaXB0aW9uLTAwMD';

function placeText(text) {
  const length = Buffer.byteLength(text);
  lastFrame = undefined;
  if (length === text.length) outgoing.latin1Write(text, 0, length);
  else outgoing.utf8Write(text, 0, length);
  return length;
}

/** What was written last. */
export const written = (length) => Buffer.from(lastFrame?.bytes ?? outgoing.subarray(0, length));
