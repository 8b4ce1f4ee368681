// Broken input against the codec, for SECONDS (10): mutations of the frozen vectors and of generated frames and texts.
// Each case must be read, or refused with a code of the protocol and a reason in words: never an exception, never long,
// never more memory than the limit allows. The first that is not ends the run with its bytes and exit code 1.
// SEED repeats a run.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import {
  decodeMsgpack,
  encodeMsgpack,
  FrameWriter,
  inflateFrame,
  METHOD_NUMBERS,
  METHOD_SHAPES,
  parseText,
  readFrame,
} from '../dist/index.js';
import { nodeCompressors, nodeKeyExchange } from '../dist/node/index.js';

const SECONDS = Number(process.env.SECONDS ?? 10);
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const MAX = 65_536;
const SLOWEST_MS = 500;
const MOST_MEMORY = 512 * 1024 * 1024;
const CODES = new Set([4000, 4010, 4011, 4015]);

const random = mulberry32(SEED);
const below = (limit) => Math.floor(random() * limit);
const pick = (list) => list[below(list.length)];
const bytesOf = (hex) => Buffer.from(hex, 'hex');
const read = (name) => JSON.parse(readFileSync(new URL(`../../../test/conformance/vectors/${name}.json`, import.meta.url), 'utf8'));

const security = read('security');
const frames = [...read('frames-good').frames, ...read('frames-bad').frames, ...security.signed_frames, ...security.encrypted_frames].map(
  ({ hex }) => bytesOf(hex),
);
const texts = [...read('texts-good').texts, ...read('texts-bad').texts].map(({ text }) => text);
const shapes = Object.entries(METHOD_SHAPES).flatMap(([method, { params, result }]) =>
  [params, result].filter(Boolean).map((shape) => [METHOD_NUMBERS[method], shape]),
);
const writer = new FrameWriter();
const tricky = [
  0x00, 0x7f, 0x80, 0x81, 0x8f, 0x91, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc4, 0xc6, 0xc7, 0xca, 0xcb, 0xcf, 0xd3, 0xd6, 0xd9, 0xdb, 0xdc, 0xdd,
  0xde, 0xdf, 0xe0, 0xff,
];

const start = performance.now();
let cases = 0;
let refused = 0;
while (performance.now() - start < SECONDS * 1000) {
  for (let i = 0; i < 500; i++) runCase();
  // As a server's does: node:zlib lets go of what failed only when the event loop turns.
  await new Promise((resolve) => setImmediate(resolve));
}
const seconds = (performance.now() - start) / 1000;
console.log(
  `codec fuzz: ${cases} cases in ${seconds.toFixed(1)} s, ${Math.round(cases / seconds)} cases/s, ${refused} refused, seed ${SEED}, no findings`,
);

function runCase() {
  cases++;
  const isText = random() < 0.25;
  const input = isText ? mutateText(pick(texts)) : mutate(random() < 0.6 ? pick(frames) : generated());
  const before = performance.now();
  try {
    if (isText) checkText(input);
    else checkFrame(input);
  } catch (error) {
    report(input, error);
  }
  if (performance.now() - before > SLOWEST_MS) report(input, new Error(`took ${Math.round(performance.now() - before)} ms`));
  if (cases % 5000 === 0) {
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    if (heapUsed + arrayBuffers > MOST_MEMORY) report(input, new Error(`memory is at ${heapUsed + arrayBuffers} bytes`));
  }
}

function checkFrame(bytes) {
  const frame = readFrame(bytes, MAX);
  if (!frame.ok) return checkRefusal(frame);
  if (frame.members !== undefined) return frame.members.forEach((member) => (member.ok ? checkPayload(member) : checkRefusal(member)));
  return checkPayload(frame);
}

function checkPayload(frame) {
  if (frame.has(0x0008 | 0x0002)) {
    const opened = newChannel().openFrame(frame);
    if (!opened.ok) return checkRefusal(opened);
  }
  const inflated = inflateFrame(frame, pick(nodeCompressors), MAX);
  if (!inflated.ok) return checkRefusal(inflated);
  if (inflated.payloadBytes().length > MAX) throw new Error('more was inflated than the limit');
  const whole = inflated.payload();
  const meta = whole.meta();
  const body = whole.body();
  const [, shape] = shapes.find(([number]) => number === frame.method) ?? pick(shapes);
  const partly = inflated.payload();
  const shaped = partly.params(shape);
  if (whole.fault === undefined && partly.fault !== undefined && partly.fault !== 'the body is an object')
    throw new Error(`a shape refuses: ${partly.fault}`);
  if (whole.fault !== undefined) return checkWords(whole.fault);
  if (shaped !== undefined && !isDeepStrictEqual(shaped, body)) throw new Error('a shape reads something else');
  if (meta !== undefined || body !== undefined) checkAgain(body);
}

/** What was accepted can be written, and reads the same. */
function checkAgain(body) {
  const again = decodeMsgpack(encodeMsgpack(body));
  if (!again.ok) throw new Error(`what was read cannot be read again: ${again.message}`);
  if (Object.getPrototypeOf(Object.getPrototypeOf({})) !== null || {}.polluted !== undefined) throw new Error('a prototype was changed');
}

function checkText(text) {
  const parsed = parseText(text);
  if (!parsed.ok) return checkRefusal(parsed);
  parsed.envelope.members?.forEach((member) => member.ok || checkRefusal(member));
}

function checkRefusal({ code, message }) {
  refused++;
  if (!CODES.has(code)) throw new Error(`refused with ${code}`);
  checkWords(message);
}

function checkWords(message) {
  if (typeof message !== 'string' || message.length === 0 || message.length > 200) throw new Error(`refused with the reason ${message}`);
}

function generated() {
  const [number, ,] = pick(shapes);
  const value = randomValue(4);
  const body = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : { name: value, arguments: randomValue(3) };
  const frame = writer.frame(
    below(6),
    1 + below(1e6),
    number,
    body,
    undefined,
    random() < 0.3 ? { timeout_ms: 1 + below(1e5) } : undefined,
  );
  return random() < 0.2
    ? writer.batch(
        1,
        Array.from({ length: 1 + below(5) }, () => frame.slice()),
      )
    : frame;
}

function randomValue(depth) {
  const kind = below(depth > 0 ? 9 : 6);
  if (kind === 0) return null;
  if (kind === 1) return random() < 0.5;
  if (kind === 2) return below(2 ** (1 + below(31)));
  if (kind === 3) return (random() - 0.5) * 10 ** below(20);
  if (kind === 4) return 'añ✓😀'.repeat(below(20)).slice(below(5));
  if (kind === 5) return Buffer.alloc(below(300), below(256));
  if (kind === 6) return Array.from({ length: below(6) }, () => randomValue(depth - 1));
  return Object.fromEntries(
    Array.from({ length: below(6) }, () => [
      pick(['name', 'id', '__proto__', 'items', 'content', 'x'.repeat(below(40))]),
      randomValue(depth - 1),
    ]),
  );
}

function mutate(original) {
  let bytes = Buffer.from(original);
  for (let n = below(4); n >= 0; n--) {
    const at = below(bytes.length + 1);
    const kind = below(6);
    if (kind === 0 && bytes.length > 0) bytes[at % bytes.length] ^= 1 << below(8);
    else if (kind === 1 && bytes.length > 0) bytes[at % bytes.length] = pick(tricky);
    else if (kind === 2) bytes = bytes.subarray(0, at);
    else if (kind === 3) bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from([pick(tricky)]), bytes.subarray(at)]);
    else if (kind === 4) bytes = Buffer.concat([bytes.subarray(0, at), pick(frames).subarray(below(30))]).subarray(0, MAX + 100);
    else bytes = Buffer.concat([bytes.subarray(0, at), Buffer.alloc(below(100), pick(tricky)), bytes.subarray(at)]);
  }
  // Most cases are to get past the size check.
  if (bytes.length >= 24 && random() < 0.9) bytes.writeUInt32BE(bytes.length - 24, 20);
  return bytes;
}

function mutateText(original) {
  let text = original;
  for (let n = below(4); n > 0; n--) {
    const at = below(text.length + 1);
    const cut = random() < 0.5 ? below(8) : 0;
    text =
      text.slice(0, at) +
      pick(['', '{', '[', ']', '}', '"', ',', '\\u0000', '__proto__', 'null', '1e999', '-', '\ud800', '['.repeat(70)]) +
      text.slice(at + cut);
  }
  return text;
}

function newChannel() {
  const [agreement] = security.agreements;
  return nodeKeyExchange.channel(
    {
      privateKey: bytesOf(agreement.server_private),
      peerPublicKey: bytesOf(agreement.client_public),
      credentialHash: createHash('sha256').update(agreement.credential).digest(),
      clientNonce: bytesOf(agreement.client_nonce),
      serverNonce: bytesOf(agreement.server_nonce),
    },
    'server',
  );
}

function report(input, error) {
  console.error(`codec fuzz: finding after ${cases} cases, seed ${SEED}: ${error.stack}`);
  console.error(typeof input === 'string' ? JSON.stringify(input) : input.toString('hex'));
  process.exit(1);
}

function mulberry32(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
