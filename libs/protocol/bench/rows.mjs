// The rows of the table, one for each message of the corpus: a request from bytes to what its handler reads, everything
// else from the handler's result to bytes. All sides of a row start with the same message and end with the same values.
// A result that the server keeps encoded stands on the plain side as the object that a handler without such would hold.
import { asBinaryContent } from '../../../dist/tools/binary-content.js';
import { contextJson, encodeItem, packContext } from '../../../dist/context/context-row.js';
import { ListedContexts } from '../../../dist/context/listed-contexts.js';
import { PackedContext } from '../../../dist/context/packed-context.js';
import { WrittenAnswer } from '../../../dist/context/written-answer.js';
import { PreparedEvent } from '../../../dist/events/prepared-event.js';
import { writeEventCursor } from '../../../dist/storage/event-cursor.js';
import { packEvent } from '../../../dist/storage/packed-event.js';
import { SessionAnswer, SessionConstants, SessionPrincipal } from '../../../dist/protocol/session-answer.js';
import { StoredContext } from '../../../dist/context/stored-context.js';
import { EncodedOnce, FrameWriter, METHOD_NUMBERS, PackedArray } from '../dist/index.js';
import * as corpus from './corpus.mjs';
import { codecs, readFrame, readText, SUBSCRIPTION_ID, writeFrame, writePlain, writeShared, writeText } from './server-side.mjs';

const { VARIANTS } = corpus;
const NINE = [
  'initialize',
  'tool.list',
  'tool.execute',
  'context.create',
  'context.get',
  'context.update',
  'context.list',
  'event.subscribe',
  'event.unsubscribe',
];
const variants = (make, count = VARIANTS) => Array.from({ length: count }, (_, i) => make(i));
const text = (envelope) => Buffer.from(JSON.stringify(envelope));
const average = (lengths) => Math.round(lengths.reduce((sum, length) => sum + length, 0) / lengths.length);
/** Values as a program has them that read them from somewhere: texts in one piece, not the corpus's concatenations. */
const settled = (value) => JSON.parse(JSON.stringify(value));

const frames = new FrameWriter();
const frameOf = (sequence, method, params, meta) =>
  Buffer.from(frames.request(sequence, METHOD_NUMBERS[method], Object.keys(params).length === 0 ? undefined : params, meta));

/** A message that comes in. */
function incoming(name, texts, binaries) {
  return {
    name,
    isRead: true,
    plain: (i) => readText(texts[i % VARIANTS]),
    kept: undefined,
    binary: (i) => readFrame(binaries[i % VARIANTS]),
    jsonBytes: average(texts.map(({ length }) => length)),
    binaryBytes: average(binaries.map(({ length }) => length)),
  };
}

function request(method, size) {
  const params = variants(corpus.params[`${method} ${size}`]);
  const metas = size === 'typical' ? variants(corpus.meta) : [];
  return incoming(
    `${method} request, ${size}`,
    params.map((value, i) => text({ id: corpus.uuid('request', i), type: 0, method, params: value, meta: metas[i] })),
    params.map((value, i) => frameOf(1000 + i, method, value, metas[i])),
  );
}

/** A message that goes out. @param kept as our server writes it in JSON */
function outgoing(name, plain, kept, binary) {
  return { name, isRead: false, plain, kept, binary, jsonBytes: average(variants(plain)), binaryBytes: average(variants(binary)) };
}

const ids = settled(variants((i) => corpus.uuid('request', i)));

/**
 * @param results what our handlers return
 * @param plain what handlers return that keep nothing encoded
 */
function response(name, method, results, plain) {
  return outgoing(
    name,
    (i) => writePlain({ id: ids[i % VARIANTS], type: 1, result: plain[i % VARIANTS] }),
    (i) => writeText(ids[i % VARIANTS], method, results[i % VARIANTS]),
    (i) => writeFrame(1000 + (i % VARIANTS), method, results[i % VARIANTS]),
  );
}

const anew = (method, size) => {
  const results = settled(variants(corpus.results[`${method} ${size}`]));
  return response(`${method} result, ${size}`, method, results, results);
};

function pages(name, count) {
  const plain = settled(variants((i) => ({ tools: variants((n) => corpus.tool(i + n), count) })));
  const kept = plain.map((page) => new EncodedOnce(page));
  return response(`tool.list result, ${name}`, 'tool.list', kept, plain);
}

const constants = {
  ...{ version: '1', server: corpus.server, capabilities: corpus.capabilities, limits: corpus.limits, methods: { ...METHOD_NUMBERS } },
};
/** Of eight API keys: all who come with one share its principal. */
const principals = settled(Array.from({ length: 8 }, (_, i) => corpus.principal(i)));

function initialized(size, makeOthers) {
  const keptConstants = new SessionConstants(constants);
  const keptPrincipals = principals.map((principal) => new SessionPrincipal(principal));
  const own = settled(variants((i) => ({ ...corpus.session(i), ...makeOthers(i) })));
  return response(
    `initialize result, ${size}`,
    'initialize',
    own.map((mine, i) => new SessionAnswer(keptConstants, keptPrincipals[i % 8], mine)),
    own.map((mine, i) => ({ ...constants, principal: principals[i % 8], ...mine })),
  );
}

/** A context as its table has it. */
function contextRow({ tenant_id: tenant, agent_id: agent, created_at, updated_at, expires_at, metadata, ...head }) {
  const times = {
    created_at: Date.parse(created_at),
    updated_at: Date.parse(updated_at),
    expires_at: expires_at === undefined ? null : Date.parse(expires_at),
  };
  const row = { ...settled(head), tenant, agent, ...times, metadata: JSON.stringify(metadata) };
  return { ...row, packed: packContext(row) };
}

/** Items as their table has them in both encodings. */
function storedItems(items) {
  const encoded = items.map(({ role, content, tokens, metadata, created_at: at }, n) =>
    encodeItem(n + 1, { role, content, tokens, metadata: JSON.stringify(metadata) }, Date.parse(at)),
  );
  // Through a Buffer: one text, as the database gives it, and not a tree of pieces.
  const json = Buffer.from(encoded.map((item) => item.json).join(',')).toString();
  return { json, packed: new PackedArray(items.length, [Buffer.concat(encoded.map((item) => item.packed))]) };
}

/** What a change is answered with, as the writer thread encodes it. */
function written(label, method, results) {
  const answers = results.map(({ items, truncated = 0, ...head }) => {
    const row = contextRow(head);
    const stored = items === undefined ? undefined : storedItems(items);
    return new WrittenAnswer({
      json: Buffer.from(contextJson(row, { items: stored?.json, truncated })).toString(),
      packed: new PackedContext(row.packed, stored?.packed, truncated).join(),
    });
  });
  return response(
    `${method} result, ${label}`,
    method,
    answers,
    answers.map((answer) => answer.toJSON()),
  );
}
const changed = (method, size) => written(size, method, variants(corpus.results[`${method} ${size}`]));

/** A page of contexts as the reader thread has read it. */
function listed(size) {
  const pages = variants(corpus.results[`context.list ${size}`]);
  const kept = pages.map(({ contexts, next_cursor }) => new ListedContexts(contexts.map(contextRow), next_cursor && settled(next_cursor)));
  return response(
    `context.list result, ${size}`,
    'context.list',
    kept,
    kept.map((page) => page.toJSON()),
  );
}

/** What the database has of a context; reading that is not in the table. */
function storedContext(i, count) {
  const row = contextRow(corpus.head(i));
  const items = storedItems(variants((n) => corpus.item(i + n), count));
  const pages = {
    text: () => contextJson(row, { items: items.json }),
    packed: () => new PackedContext(row.packed, items.packed),
  };
  return new StoredContext({ read: (tenant, id, key, form) => pages[form]() }, row.tenant, row.id, { limit: count, before: Infinity });
}
function contexts(name, count, distinct = VARIANTS) {
  const stored = variants((i) => storedContext(i, count), distinct);
  const objects = stored.map((context) => context.toJSON());
  const spread = (list) => variants((i) => list[i % distinct]);
  return response(`context.get result, ${name}`, 'context.get', spread(stored), spread(objects));
}

const results = [
  initialized('small', () => ({})),
  initialized('typical', (i) => ({ compression: 'zstd', security: corpus.security(i) })),
  pages('small (2)', 2),
  pages('typical (20)', 20),
  anew('tool.execute', 'small'),
  anew('tool.execute', 'typical'),
  changed('context.create', 'small'),
  changed('context.create', 'typical'),
  contexts('small (1)', 1),
  contexts('typical (20)', 20),
  contexts('large (500)', 500, 8),
  changed('context.update', 'small'),
  changed('context.update', 'typical'),
  listed('small'),
  listed('typical'),
  ...['event.subscribe', 'event.unsubscribe'].flatMap((method) => [anew(method, 'small'), anew(method, 'typical')]),
];

/** One event, as the writer thread tells of it, for one subscriber. */
function event() {
  const events = settled(variants((i) => ({ ...corpus.event(i), cursor: writeEventCursor(10_000 + i) })));
  const logged = events.map(({ event: name, data, timestamp }, i) => {
    const [seq, at] = [10_000 + i, Date.parse(timestamp)];
    return { event: name, seq, at, data: JSON.stringify(data), packed: packEvent(name, seq, data, at) };
  });
  const sent = (codec) => (i) => writeShared(codec, PreparedEvent.logged(logged[i % VARIANTS]).shared);
  const plain = (i) => writePlain({ type: 2, method: 'event', params: { subscription_id: SUBSCRIPTION_ID, ...events[i % VARIANTS] } });
  return outgoing('event', plain, sent(codecs.text), sent(codecs.binary));
}

function batch() {
  const method = 'context.get';
  const members = (i) => variants((n) => ({ context_id: corpus.uuid('context', i * 16 + n) }), 16);
  const textOf = (i) =>
    text({
      id: corpus.uuid('batch', i),
      type: 6,
      params: { messages: members(i).map((params, n) => ({ id: corpus.uuid('request', i * 16 + n), type: 0, method, params })) },
    });
  const frameOfBatch = (i) => {
    const parts = members(i).map((params, n) => frameOf(1000 + n, method, params));
    return Buffer.from(frames.batch(1, parts));
  };
  return incoming('batch of 16 context.get requests', variants(textOf), variants(frameOfBatch));
}

function binaryResult(label, length) {
  const results = variants((i) => ({
    tool: 'fs.read_file',
    status: 'completed',
    result: {
      content: [
        {
          type: 'resource',
          resource: {
            uri: 'tool:fs.read_file',
            mimeType: 'application/octet-stream',
            blob: asBinaryContent(corpus.binary('blob', i, length)),
          },
        },
      ],
    },
    duration_ms: 3,
  }));
  return response(`tool.execute result, ${label} of binary`, 'tool.execute', results, results);
}

export const rows = [
  ...NINE.flatMap((method) => [request(method, 'small'), request(method, 'typical')]),
  ...results,
  event(),
  batch(),
  binaryResult('4 KiB', 4096),
  binaryResult('64 KiB', 65_536),
];
