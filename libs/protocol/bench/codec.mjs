// npm run bench:codec: what a message costs in JSON and in binary, from bytes to what its handler reads, and from the
// handler's result to bytes. `--json FILE` writes the numbers too, `--rounds N` (40) measures longer or shorter.
//
// JSON is what a server does without this package: Buffer to string, JSON.parse of the envelope; JSON.stringify of the
// envelope, string to Buffer; binary values as base64. None of the envelope's members are checked. Binary is this
// package: every check of the header and of the bytes is in its time. What is "kept encoded" was encoded before, once,
// when it was stored or registered, and is copied into the message; JSON.stringify writes it again each time.
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { writeFileSync } from 'node:fs';
import { decodeMsgpack, METHOD_NUMBERS, RawMsgpack, readFrame } from '../dist/index.js';
import { allocatedBytes, compareTime } from './measure.mjs';
import { rows } from './rows.mjs';

const MAX = 1_048_576;
const GOAL = 10;
const LEAST = 1.5;

const { values: options } = parseArgs({ options: { json: { type: 'string' }, rounds: { type: 'string', default: '40' } } });

rows.forEach(checkRow);
const measured = rows.map(measureRow);
const ratios = measured.map(({ ratio }) => ratio).sort((a, b) => a - b);
const medianRatio = (ratios[(ratios.length - 1) >> 1] + ratios[ratios.length >> 1]) / 2;
const minRatio = ratios[0];

print();
if (options.json !== undefined) {
  writeFileSync(options.json, `${JSON.stringify({ median_ratio: medianRatio, min_ratio: minRatio, rows: measured }, null, 2)}\n`);
}

function measureRow({ name, reads, json, binary, jsonBytes, binaryBytes }) {
  const [jsonUs, binaryUs] = compareTime([json, binary], Number(options.rounds));
  return {
    name,
    reads,
    json_us: jsonUs,
    binary_us: binaryUs,
    ratio: jsonUs / binaryUs,
    json_bytes: jsonBytes,
    binary_bytes: binaryBytes,
    json_heap: allocatedBytes(json, jsonBytes),
    binary_heap: allocatedBytes(binary, binaryBytes),
  };
}

function print() {
  const line = (cells) =>
    console.log(cells.map((cell, i) => (i === 0 || i === 8 ? cell.padEnd(i === 0 ? 40 : 0) : cell.padStart(9))).join(' '));
  line(['message', 'JSON µs', 'binary µs', 'ratio', 'JSON B', 'binary B', 'JSON heap', 'bin. heap', 'binary reads or writes']);
  for (const row of measured) {
    line([
      row.name,
      row.json_us.toFixed(3),
      row.binary_us.toFixed(3),
      `${row.ratio.toFixed(1)}${row.ratio < LEAST ? ' !' : ''}`,
      String(row.json_bytes),
      String(row.binary_bytes),
      String(row.json_heap),
      String(row.binary_heap),
      row.reads,
    ]);
  }
  const below = measured.filter(({ ratio }) => ratio < LEAST).length;
  console.log(`\nmedian ratio ${medianRatio.toFixed(1)} (goal ${GOAL}), lowest ${minRatio.toFixed(1)} (goal ${LEAST}, ${below} below)`);
}

/** Both sides of a row must come to the same values. */
function checkRow(row) {
  for (const i of [0, 1, 63]) {
    const [json, binary] = row.sends ? [sentJson(row.json(i)), sentBinary(row.binary(i))] : [row.json(i), row.binary(i)].map(delivered);
    if (!isDeepStrictEqual(json, binary)) {
      console.error(row.name, JSON.stringify(json)?.slice(0, 2000), JSON.stringify(binary)?.slice(0, 2000));
      throw new Error(`the two sides of "${row.name}" do not agree`);
    }
  }
}

function sentJson(bytes) {
  const { result, params } = JSON.parse(bytes.toString());
  return result ?? params;
}

function sentBinary(bytes) {
  return plain(readFrame(bytes, MAX).payload().body(), (binary) => Buffer.from(binary).toString('base64'));
}

/** Ids differ by design: a text of the client's choosing, and a number. */
function delivered(message) {
  if (Array.isArray(message)) return message.map(delivered);
  const { method, params, timeoutMs } = message;
  return { method: METHOD_NUMBERS[method] ?? method, params: plain(params, (binary) => Buffer.from(binary).toString('base64')), timeoutMs };
}

function plain(value, ofBinary) {
  if (value instanceof RawMsgpack) return plain(decodeMsgpack(value.bytes).value, ofBinary);
  if (value instanceof Uint8Array) return ofBinary(value);
  if (Array.isArray(value)) return value.map((element) => plain(element, ofBinary));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member, ofBinary)]));
}
