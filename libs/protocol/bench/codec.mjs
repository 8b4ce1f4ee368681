// npm run bench:codec: what a message costs the server in JSON and in binary. `--json FILE` writes the numbers too,
// `--markdown FILE` the page of the documentation, `--rounds N` (120) measures longer or shorter. What each side does is
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
  'The columns are three ways of doing the same. **JSON** is the plain one, and what `ratio` compares with: a message read is Buffer to text, `JSON.parse`, every check of the envelope and its meta, the limit on nesting; a message written is one `JSON.stringify` of the whole envelope, bytes as base64, and the text as UTF-8 in the outgoing buffer. **JSON kept** is our own server in JSON: it reads as the plain way does, and splices what it keeps encoded into what it writes. **binary** is our own server in binary. `kept` is the ratio of JSON kept to binary: the gain on this server, which has made its JSON faster by the same means.',
  'A request (and the batch) is measured from the Buffer that the socket gives to the params that validation and the handler get; everything else from what the handler returns to bytes in the outgoing buffer. No side has the socket, limits and guards, or validation of params against their DTO.',
  'Binary, read: every check of the header, then meta and params from MessagePack, with all checks of structure, depth and UTF-8. Binary, written: the result in MessagePack behind its header, in the slab that the socket takes it from. Nothing is copied after that, where a connection is sent one answer in a turn; of several, and for a peer that reads slowly, each small one costs one more copy (40 ns), into a pooled buffer.',
  'Kept encoded, in both encodings: pages of `tool.list`; of `initialize` what all sessions are told alike, and the principal of an API key; contexts and their items, as they are stored; answers to `context.create` and `context.update`, and events of the log, which the writer thread encodes with the change that they tell of. What the database takes for reading, and the writer thread for encoding (about 1 µs a change beside its transaction), is in no column. Nor is that an answer to `context.get` that is asked for again is kept whole.',
  'The event is encoded for one subscriber. Each further one costs a copy of its bytes, in either encoding.',
  'Two columns of JSON differ in both directions: where nothing is kept our text path costs more than `JSON.stringify` alone, for it looks for bytes in the result, and writes what is spliced beside the rest; `context.list` in JSON is put together from columns.',
];
const WHY = [
  'A ratio of 10 is what results reach that are kept encoded, hold bytes, or are large. Where texts are made or written one by one, JavaScript sets the floor: any native call costs 25 to 60 ns (a text from bytes 60, one into a buffer 30, a view of a buffer 25), and `JSON.parse` and `JSON.stringify` make such a call once for a whole message. A request of two or three texts costs 150 ns at the least, which is a quarter to a third of what JSON takes; the same holds for small results (`event.subscribe`, `tool.execute`).',
];
const TRIED = [
  'Reading texts: a loop over bytes and `String.fromCharCode` up to 14 bytes (30 ns against 60), one `latin1Slice` of a small message and parts of it for the rest (10 ns a part) are in. An unrolled `fromCharCode` for each length would gain 5 to 14 ns a short text: not worth its size. A cache of values (ids that come again) would show well here, and no server sees the same ids so often: not done.',
  'Writing texts: a loop up to 12 characters, `utf8Write` as a method of the Buffer beyond; by `.call` it is 20 ns slower. Building a whole small message as one string and writing it at once: 180 ns for an answer to `event.subscribe` that takes 95 member by member. Text with characters beyond Latin-1 costs 1 ns a character in `utf8Write` and `encodeInto` alike; `ucs2Write` and `transcode` gain a tenth at 1,500 characters, and lose below.',
  'Maps that no shape describes (arguments of tools, filters): names are found by comparing bytes, and kept as the engine keeps names of members. Compiling readers from the schemas of tools is not done: those come from others.',
  'Decoding parts lazily: `traceparent` left undecoded until asked for gains 10 ns, for its bytes are checked in any case; `arguments` are checked against the schema of their tool, so all of them are read.',
  'Making templates of messages that many receive: a template costs a buffer of its own (60 to 75 ns), so a frame has none, and is put together for each receiver from three pieces.',
];

const { values: options } = parseArgs({
  options: { json: { type: 'string' }, markdown: { type: 'string' }, rounds: { type: 'string', default: '120' }, only: { type: 'string' } },
});

const chosen = rows.filter(({ name }) => name.includes(options.only ?? ''));
chosen.forEach(checkRow);
const measured = chosen.map(measureRow);
const medianRatio = median(measured.map(({ ratio }) => ratio));
const medianKept = median(measured.map(({ ratio_kept }) => ratio_kept));
const minRatio = Math.min(...measured.map(({ ratio }) => ratio));
const machine = `${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, Node ${process.version}`;
const below = measured.filter(({ ratio }) => ratio < LEAST).length;
const verdict =
  `median ratio ${medianRatio.toFixed(1)} (goal ${GOAL}: ${medianRatio >= GOAL ? 'met' : 'missed'}), ` +
  `lowest ${minRatio.toFixed(1)} (goal ${LEAST}: ${below === 0 ? 'met' : `missed by ${below}`}); ` +
  `against JSON that splices what is kept, median ${medianKept.toFixed(1)}`;

const COLUMNS = [
  ...['message', 'JSON µs', 'JSON kept µs', 'binary µs', 'ratio', 'kept'],
  ...['JSON bytes', 'binary bytes', 'JSON heap', 'kept heap', 'binary heap'],
];
const table = measured.map((row) => [
  row.name,
  row.json_us.toFixed(3),
  row.json_kept_us.toFixed(3),
  row.binary_us.toFixed(3),
  `${row.ratio.toFixed(1)}${row.ratio < LEAST ? ' !' : ''}`,
  row.ratio_kept.toFixed(1),
  ...[row.json_bytes, row.binary_bytes, row.json_heap, row.json_kept_heap, row.binary_heap].map(String),
]);

print();
if (options.json !== undefined) {
  const content = { median_ratio: medianRatio, min_ratio: minRatio, median_ratio_kept: medianKept, machine, rows: measured };
  writeFileSync(options.json, `${JSON.stringify(content, null, 2)}\n`);
}
if (options.markdown !== undefined) writeFileSync(options.markdown, markdown());

/** Where our server has no other way than the plain one, what it costs is the same number. */
function measureRow({ name, plain, kept, binary, jsonBytes, binaryBytes }) {
  const rounds = Number(options.rounds);
  const [jsonUs, binaryUs, keptUs = jsonUs] = compareTime(kept === undefined ? [plain, binary] : [plain, binary, kept], rounds);
  const jsonHeap = allocatedBytes(plain, jsonBytes);
  return {
    name,
    json_us: jsonUs,
    json_kept_us: keptUs,
    binary_us: binaryUs,
    ratio: jsonUs / binaryUs,
    ratio_kept: keptUs / binaryUs,
    json_bytes: jsonBytes,
    binary_bytes: binaryBytes,
    json_heap: jsonHeap,
    json_kept_heap: kept === undefined ? jsonHeap : allocatedBytes(kept, jsonBytes),
    binary_heap: allocatedBytes(binary, binaryBytes),
  };
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
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
    ...FOOTNOTES.map((note) => `- ${note}`),
    '',
    '## What sets the ratio',
    '',
    ...WHY,
    '',
    '## What was tried',
    '',
    ...TRIED.map((note) => `- ${note}`),
    '',
  ].join('\n');
}

/** All sides of a row must come to the same values. */
function checkRow({ name, isRead, plain, kept, binary }) {
  for (const i of [0, 1, 63]) {
    const ofPlain = isRead ? parts(plain(i)) : sentText(plain(i));
    const ofBinary = isRead ? parts(binary(i)) : sentFrame(binary(i));
    for (const other of kept === undefined ? [ofBinary] : [ofBinary, sentText(kept(i))]) {
      if (isDeepStrictEqual(bare(ofPlain), bare(other))) continue;
      console.error(name, JSON.stringify(ofPlain)?.slice(0, 2000), JSON.stringify(other)?.slice(0, 2000));
      throw new Error(`the sides of "${name}" do not agree`);
    }
  }
}

/** What was read of a message, or of each of a batch. */
function parts(read) {
  return Array.isArray(read) ? read.map(parts) : { meta: read.meta, body: read.body };
}

function sentText(length) {
  const { result, params } = JSON.parse(written(length).toString());
  return result ?? params;
}

function sentFrame(length) {
  return readFrame(written(length), MAX).payload().body();
}

/** Without members that are undefined, bytes as base64, plain objects. */
function bare(value) {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(bare);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([key, member]) => (member === undefined ? [] : [[key, bare(member)]])));
}
