// npm run bench:codec: what a message costs the server in JSON and in binary. `--json FILE` writes the numbers too,
// `--markdown FILE` the page of the documentation, `--rounds N` (40) measures longer or shorter. What each side does is
// said in FOOTNOTES, which stand under the table.
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { readFrame } from '../dist/index.js';
import { allocatedBytes, compareTime } from './measure.mjs';
import { rows } from './rows.mjs';
import { written } from './server-side.mjs';

const GOAL = 10;
const LEAST = 1.5;
const MAX = 1_048_576;
const FOOTNOTES = [
  'Both sides are the code that the server runs. A request (and the batch) is measured from the Buffer that the socket gives to the params that validation and the handler get; everything else from what the handler returns to bytes in the outgoing buffer. Neither side has the socket, limits and guards, or validation of params against their DTO.',
  'JSON, read: Buffer to text, `JSON.parse`, every check of the envelope and its meta, the limit on nesting. JSON, written: `JSON.stringify` of the result inside the envelope, bytes as base64, and the text as UTF-8 in the outgoing buffer.',
  'Binary, read: every check of the header, then meta and params from MessagePack, with all checks of structure, depth and UTF-8. Binary, written: the result in MessagePack behind its header, and a copy into the outgoing buffer.',
  'What the server keeps encoded it keeps in both encodings, and both sides splice it in: pages of `tool.list`, the constant members of `initialize`, the items of `context.get` (as the database joins them; its own reading is not measured, nor that an answer asked for again is kept whole). This makes JSON faster too, and the ratio of such rows smaller.',
  'The event is encoded for one subscriber. Each further one costs a copy of its bytes, in either encoding.',
];

const { values: options } = parseArgs({
  options: { json: { type: 'string' }, markdown: { type: 'string' }, rounds: { type: 'string', default: '40' }, only: { type: 'string' } },
});

const chosen = rows.filter(({ name }) => name.includes(options.only ?? ''));
chosen.forEach(checkRow);
const measured = chosen.map(measureRow);
const ratios = measured.map(({ ratio }) => ratio).sort((a, b) => a - b);
const medianRatio = (ratios[(ratios.length - 1) >> 1] + ratios[ratios.length >> 1]) / 2;
const minRatio = ratios[0];
const machine = `${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, Node ${process.version}`;
const below = measured.filter(({ ratio }) => ratio < LEAST).length;
const verdict =
  `median ratio ${medianRatio.toFixed(1)} (goal ${GOAL}: ${medianRatio >= GOAL ? 'met' : 'missed'}), ` +
  `lowest ${minRatio.toFixed(1)} (goal ${LEAST}: ${below === 0 ? 'met' : `missed by ${below}`})`;

const COLUMNS = ['message', 'JSON µs', 'binary µs', 'ratio', 'JSON bytes', 'binary bytes', 'JSON heap', 'binary heap'];
const table = measured.map((row) => [
  row.name,
  row.json_us.toFixed(3),
  row.binary_us.toFixed(3),
  `${row.ratio.toFixed(1)}${row.ratio < LEAST ? ' !' : ''}`,
  ...[row.json_bytes, row.binary_bytes, row.json_heap, row.binary_heap].map(String),
]);

print();
if (options.json !== undefined) {
  const content = { median_ratio: medianRatio, min_ratio: minRatio, machine, rows: measured };
  writeFileSync(options.json, `${JSON.stringify(content, null, 2)}\n`);
}
if (options.markdown !== undefined) writeFileSync(options.markdown, markdown());

function measureRow({ name, json, binary, jsonBytes, binaryBytes }) {
  const [jsonUs, binaryUs] = compareTime([json, binary], Number(options.rounds));
  return {
    name,
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
  const line = (cells) => console.log(cells.map((cell, i) => (i === 0 ? cell.padEnd(42) : cell.padStart(12))).join(' '));
  console.log(`${machine}\n`);
  line(COLUMNS);
  table.forEach(line);
  console.log(`\n${verdict}`);
}

function markdown() {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [
    '# What a message costs in JSON and in binary',
    '',
    `Made by \`npm run bench:codec -- --markdown docs/codec.md\` on: ${machine}.`,
    '',
    `${measured.length} messages: ${verdict}. Heap is what one message leaves to the garbage collector, in bytes.`,
    '',
    line(COLUMNS),
    line(['---', ...COLUMNS.slice(1).map(() => '---:')]),
    ...table.map(line),
    '',
    ...(below === 0 ? [] : [`Rows marked ! are below ${LEAST}.`, '']),
    ...FOOTNOTES.flatMap((note) => [`- ${note}`]),
    '',
  ].join('\n');
}

/** Both sides of a row must come to the same values. */
function checkRow({ name, isRead, json, binary }) {
  for (const i of [0, 1, 63]) {
    const [fromJson, fromBinary] = isRead ? [json(i), binary(i)] : [sentText(json(i)), sentFrame(binary(i))];
    if (!isDeepStrictEqual(plain(fromJson), plain(fromBinary))) {
      console.error(name, JSON.stringify(fromJson)?.slice(0, 2000), JSON.stringify(fromBinary)?.slice(0, 2000));
      throw new Error(`the two sides of "${name}" do not agree`);
    }
  }
}

function sentText(length) {
  const { result, params } = JSON.parse(written(length).toString());
  return result ?? params;
}

function sentFrame(length) {
  return readFrame(written(length), MAX).payload().body();
}

/** Without members that are undefined, bytes as base64, plain objects. */
function plain(value) {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([key, member]) => (member === undefined ? [] : [[key, plain(member)]])));
}
