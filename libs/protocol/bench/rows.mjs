// The rows of the table. Both sides of a row start from the same bytes' worth of message and end with the same values in
// the handler's hands, or start from the same result and end with bytes that a socket takes.
import {
  contextShapes,
  controlMetaShape,
  encodeMsgpack,
  eventDelivery,
  FrameWriter,
  METHOD_NUMBERS,
  METHOD_SHAPES,
  MsgpackWriter,
  newSlab,
  RawMsgpack,
  readFrame,
  SharedEvent,
  toolShapes,
} from '../dist/index.js';
import * as corpus from './corpus.mjs';

const { VARIANTS } = corpus;
const MAX = 1_048_576;
const times = (make, count = VARIANTS) => Array.from({ length: count }, (_, i) => make(i));
/** Slabs are pooled, as they are by a server that knows when their bytes are sent. */
const slabs = times(() => newSlab(131_072), 8);
let slab = 0;
const writer = new FrameWriter(new MsgpackWriter(131_072, (size) => (size > 131_072 ? newSlab(size) : slabs[slab++ % slabs.length])));
const text = (envelope) => Buffer.from(JSON.stringify(envelope));
const average = (buffers) => Math.round(buffers.reduce((sum, { length }) => sum + length, 0) / buffers.length);
const rawOf = (value) => new RawMsgpack(encodeMsgpack(value));

/** Values as a program has them that read them from somewhere: texts in one piece, not the corpus's concatenations. */
const settled = (value) => JSON.parse(JSON.stringify(value));

/** A message that comes in. `read` has what the handler gets, from either side. */
function incoming(name, reads, type, makeParams, options = {}) {
  const method = options.method ?? name.split(' ')[0];
  const number = METHOD_NUMBERS[method];
  const shape = options.shape ?? METHOD_SHAPES[method].params;
  const values = times(makeParams);
  const metas = options.meta ? times(corpus.meta) : undefined;
  const jsonMessages = values.map((params, i) =>
    text({ id: corpus.uuid('request', i), type, method, params: options.toJson?.(params) ?? params, meta: metas?.[i] }),
  );
  // A Buffer of its own, as a socket gives it.
  const frames = values.map((params, i) =>
    Buffer.from(writer.request(1000 + i, number, Object.keys(params).length === 0 ? undefined : params, metas?.[i])),
  );
  const fromJson = options.fromJson ?? ((envelope) => envelope.params);
  return {
    name,
    reads,
    json(i) {
      const envelope = JSON.parse(jsonMessages[i % VARIANTS].toString());
      return { id: envelope.id, method: envelope.method, params: fromJson(envelope), timeoutMs: envelope.meta?.timeout_ms };
    },
    binary(i) {
      const frame = readFrame(frames[i % VARIANTS], MAX);
      const payload = frame.payload();
      const timeoutMs = metas && payload.meta(controlMetaShape)?.timeout_ms;
      return { id: frame.sequenceId, method: frame.method, params: payload.params(shape), timeoutMs };
    },
    jsonBytes: average(jsonMessages),
    binaryBytes: average(frames),
  };
}

/** A message that goes out. */
function outgoing(name, reads, method, makeResult, makeEncoded, shape = METHOD_SHAPES[method].result) {
  const number = METHOD_NUMBERS[method];
  const results = settled(times(makeResult));
  const encoded = makeEncoded === undefined ? results : times((i) => makeEncoded(results[i], i));
  const ids = settled(times((i) => corpus.uuid('request', i)));
  const json = (i) => Buffer.from(JSON.stringify({ id: ids[i % VARIANTS], type: 1, result: results[i % VARIANTS] }));
  const binary = (i) => writer.response(1000 + (i % VARIANTS), number, encoded[i % VARIANTS], shape);
  return { name, reads, json, binary, jsonBytes: average(times(json)), binaryBytes: average(times(binary)), sends: true };
}

const WHOLE = 'all params';
const NEW = 'written anew';
const METADATA = 'written anew, but the metadata, which came or was kept encoded';
const withMetadata = (result) => ({ ...result, metadata: rawOf(result.metadata) });

const requests = [
  ...[
    'initialize',
    'tool.list',
    'context.create',
    'context.get',
    'context.update',
    'context.list',
    'event.subscribe',
    'event.unsubscribe',
  ].flatMap((method) => [
    incoming(`${method} small`, WHOLE, 0, corpus.params[`${method} small`]),
    incoming(`${method} typical`, `${WHOLE}, meta`, 0, corpus.params[`${method} typical`], { meta: true }),
  ]),
  incoming('tool.execute small', 'name; arguments kept encoded for the tool', 0, corpus.params['tool.execute small']),
  incoming('tool.execute typical', 'name, meta; arguments kept encoded, to be passed on', 0, corpus.params['tool.execute typical'], {
    meta: true,
  }),
];

const names = Object.fromEntries(Object.entries(METHOD_NUMBERS));
const cachedNames = rawOf(names);
const cachedLimits = rawOf(corpus.limits);
const cachedServer = rawOf(corpus.server);
const cachedCapabilities = rawOf(corpus.capabilities);
const initialized = (i) => ({
  version: '1',
  server: corpus.server,
  session_id: corpus.uuid('session', i),
  resume_token: corpus.binary('resume', i, 32).toString('base64url'),
  resumed: false,
  principal: corpus.principal(i),
  capabilities: corpus.capabilities,
  limits: corpus.limits,
  methods: names,
});
const withHead = (i, count) => ({ ...corpus.head(i), items: Array.from({ length: count }, (_, n) => corpus.item(i + n)) });
const items = times((i) => rawOf(corpus.item(i)), 600);
const spliced = (count) => (result, i) => ({ ...result, metadata: rawOf(result.metadata), items: items.slice(i, i + count) });
const listed = (count) => (i) => ({
  contexts: Array.from({ length: count }, (_, n) => corpus.head(i + n)),
  next_cursor: corpus.uuid('cursor', i),
});
const heads = times((i) => rawOf(corpus.head(i)), 128);
const tools = (count) => (i) => ({ tools: Array.from({ length: count }, (_, n) => corpus.tool(i + n)) });
const cachedTools = times((i) => rawOf(corpus.tool(i)), 128);

const results = [
  outgoing('initialize result', 'server, limits, methods, capabilities kept encoded', 'initialize', initialized, (result) => ({
    ...result,
    server: cachedServer,
    capabilities: cachedCapabilities,
    limits: cachedLimits,
    methods: cachedNames,
  })),
  outgoing('tool.list result small (2)', 'tools kept encoded', 'tool.list', tools(2), (_, i) => ({ tools: cachedTools.slice(i, i + 2) })),
  outgoing('tool.list result typical (20)', 'tools kept encoded', 'tool.list', tools(20), (_, i) => ({
    tools: cachedTools.slice(i, i + 20),
  })),
  outgoing('tool.execute result small', NEW, 'tool.execute', (i) => ({
    tool: corpus.toolName(i),
    status: 'completed',
    result: corpus.toolContent(i, 12),
    duration_ms: i,
  })),
  outgoing(
    'tool.execute result typical',
    "a federated tool's content passed on encoded",
    'tool.execute',
    (i) => ({ tool: corpus.toolName(i), status: 'completed', result: corpus.toolContent(i, 1500), duration_ms: i }),
    (result) => ({ ...result, result: rawOf(result.result) }),
  ),
  outgoing('context.create result', METADATA, 'context.create', (i) => ({ ...corpus.head(i), items: [] }), withMetadata),
  outgoing('context.get result small (1)', 'items and metadata kept encoded', 'context.get', (i) => withHead(i, 1), spliced(1)),
  outgoing('context.get result typical (20)', 'items and metadata kept encoded', 'context.get', (i) => withHead(i, 20), spliced(20)),
  outgoing('context.get result large (500)', 'items and metadata kept encoded', 'context.get', (i) => withHead(i, 500), spliced(500)),
  outgoing('context.update result', METADATA, 'context.update', corpus.head, withMetadata),
  outgoing('context.list result small (2)', 'contexts kept encoded', 'context.list', listed(2), (result, i) => ({
    ...result,
    contexts: heads.slice(i, i + 2),
  })),
  outgoing('context.list result typical (20)', 'contexts kept encoded', 'context.list', listed(20), (result, i) => ({
    ...result,
    contexts: heads.slice(i, i + 20),
  })),
  outgoing('event.subscribe result', NEW, 'event.subscribe', (i) => ({
    subscription_id: corpus.uuid('sub', i),
    subscribed: ['context.*'],
    cursor: `0000${1000 + i}`,
    status: 'active',
  })),
  outgoing('event.unsubscribe result', NEW, 'event.unsubscribe', (i) => ({ unsubscribed: [corpus.uuid('sub', i)], status: 'success' })),
];

function eventRow() {
  const events = settled(times(corpus.event));
  const ids = settled(times((i) => corpus.uuid('sub', i)));
  let shared;
  const json = (i) =>
    Buffer.from(
      JSON.stringify({ type: 2, method: 'event', params: { subscription_id: ids[i % VARIANTS], ...events[(i >> 6) % VARIANTS] } }),
    );
  const binary = (i) => {
    if (i % VARIANTS === 0 || shared === undefined) shared = new SharedEvent(events[(i >> 6) % VARIANTS]);
    return writer.notification(i + 1, METHOD_NUMBERS.event, { subscription_id: ids[i % VARIANTS], shared }, eventDelivery);
  };
  return {
    name: 'event to 64 subscribers, each',
    reads: 'encoded once for the 64',
    json,
    binary,
    jsonBytes: average(times(json)),
    binaryBytes: average(times(binary)),
    sends: true,
  };
}

function batchRow() {
  const make = (i) => ({ context_id: corpus.uuid('context', i) });
  const members = (i) => Array.from({ length: 16 }, (_, n) => make(i * 16 + n));
  const shape = contextShapes.contextGetParams;
  const jsonMessages = times((i) =>
    text({
      id: corpus.uuid('batch', i),
      type: 6,
      params: {
        messages: members(i).map((params, n) => ({ id: corpus.uuid('request', i * 16 + n), type: 0, method: 'context.get', params })),
      },
    }),
  );
  const frames = times((i) =>
    Buffer.from(
      writer.batch(
        1,
        members(i).map((params, n) => writer.request(1000 + n, METHOD_NUMBERS['context.get'], params)),
      ),
    ),
  );
  return {
    name: 'batch of 16 context.get',
    reads: WHOLE,
    json: (i) =>
      JSON.parse(jsonMessages[i % VARIANTS].toString()).params.messages.map(({ id, method, params }) => ({
        id,
        method,
        params,
        timeoutMs: undefined,
      })),
    binary: (i) =>
      readFrame(frames[i % VARIANTS], MAX).members.map((frame) => ({
        id: frame.sequenceId,
        method: frame.method,
        params: frame.payload().params(shape),
        timeoutMs: undefined,
      })),
    jsonBytes: average(jsonMessages),
    binaryBytes: average(frames),
  };
}

/** A client's own tool answers with binary; the server reads it, or sends such an answer on. */
function blobRows(label, length) {
  const blobs = times((i) => corpus.binary('blob', i, length));
  const number = METHOD_NUMBERS['tool.execute'];
  const result = (data) => ({
    tool: 'fs.read_file',
    status: 'completed',
    result: { content: [{ type: 'resource', data }] },
    duration_ms: 3,
  });
  const id = corpus.uuid('request', 1);
  const json = (i) => Buffer.from(JSON.stringify({ id, type: 1, result: result(blobs[i % VARIANTS].toString('base64')) }));
  const binary = (i) => writer.response(7, number, result(blobs[i % VARIANTS]), toolShapes.toolExecuteResult);
  const jsonMessages = times(json);
  const frames = times((i) => Buffer.from(binary(i)));
  const sizes = { jsonBytes: average(jsonMessages), binaryBytes: average(frames) };
  return [
    {
      name: `tool result with ${label} of binary, read`,
      reads: 'all of the result, the bytes as bytes',
      json(i) {
        const envelope = JSON.parse(jsonMessages[i % VARIANTS].toString());
        const [content] = envelope.result.result.content;
        content.data = Buffer.from(content.data, 'base64');
        return { id: envelope.id, params: envelope.result };
      },
      binary(i) {
        const frame = readFrame(frames[i % VARIANTS], MAX);
        return { id: frame.sequenceId, params: frame.payload().body() };
      },
      ...sizes,
    },
    { name: `tool result with ${label} of binary, written`, reads: NEW, json, binary, sends: true, ...sizes },
  ];
}

export const rows = [...requests, ...results, eventRow(), batchRow(), ...blobRows('4 KiB', 4096), ...blobRows('64 KiB', 65_536)];
