// The messages that the table is about: for each method one as small as it gets and one as agents send them. Each is
// made in 64 variants, so that no run reads the same bytes, ids or texts over and over.
import { createHash } from 'node:crypto';

export const VARIANTS = 64;

/** The same corpus each time. */
function digest(label, i) {
  return createHash('sha256').update(`${label} ${i}`).digest();
}

export function uuid(label, i) {
  const hex = digest(label, i).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export function binary(label, i, length) {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += 32) digest(label, i + at).copy(bytes, at);
  return bytes;
}

const ASCII =
  'the agent reads a file, finds three call sites and proposes a change; tests pass, the reviewer asks "why was this slow before?"'.split(
    ' ',
  );
const TYPESET = 'the agent reads a file, finds “three” call sites — and proposes a change; naïve, says the reviewer: 速い ✓'.split(' ');

/** One text in four has characters beyond ASCII, as curly quotes and dashes. */
export function prose(label, i, length) {
  const bytes = digest(label, i);
  const words = bytes[31] < 64 ? TYPESET : ASCII;
  let text = '';
  for (let n = 0; text.length < length; n++) text += `${words[(bytes[n % 32] + n) % words.length]} `;
  return text.slice(0, length);
}

const TOOLS = [
  'search_docs',
  'github.create_issue',
  'fs.read_file',
  'run_tests',
  'jira.get_issue',
  'web.fetch',
  'db.query',
  'fs.write_file',
];
const EVENTS = ['context.updated', 'tool.registered', 'build.finished', 'deploy.staging.done'];
const ROLES = ['user', 'assistant', 'tool', 'system'];
const at = (seconds) => new Date(1_790_000_000_000 + seconds * 1000).toISOString();
const base64url = (label, i, length) => binary(label, i, length).toString('base64url');
const times = (count, make) => Array.from({ length: count }, (_, n) => make(n));

export const toolName = (i) => TOOLS[i % TOOLS.length];

export const params = {
  'initialize small': () => ({ name: 'agent', version: '1.0.0' }),
  'initialize typical': (i) => ({
    name: 'ide-assistant',
    version: '2.14.3',
    capabilities: { batch: true, tools: true },
    compression: ['zstd', 'gzip'],
    security: { public_key: base64url('key', i, 32), nonce: base64url('nonce', i, 16) },
    resume: { session_id: uuid('session', i), resume_token: base64url('resume', i, 32), cursors: { [uuid('sub', i)]: `0000${1000 + i}` } },
  }),
  'tool.list small': () => ({}),
  'tool.list typical': (i) => ({ query: 'issue', source: 'github', limit: 50, cursor: base64url('cursor', i, 12) }),
  'tool.execute small': (i) => ({ name: toolName(i), arguments: { query: `question ${i}` } }),
  'tool.execute typical': (i) => ({
    name: toolName(i),
    arguments: {
      repository: `acme/service-${i}`,
      path: `src/features/orders/order-${i}.service.ts`,
      range: { start: i, end: i + 120 },
      include: ['**/*.ts', '**/*.json'],
      options: { recursive: true, follow_links: false, max_results: 200, context_lines: 3, encoding: 'utf-8' },
      labels: times(6, (n) => ({ name: `label-${n}`, color: digest('color', n).toString('hex', 0, 3), weight: n / 8 })),
      body: prose('body', i, 400),
    },
  }),
  'context.create small': (i) => ({ name: `conversation ${i}` }),
  'context.create typical': (i) => ({
    name: `Review of pull request ${i}`,
    content: times(3, (n) => ({ role: ROLES[n], content: prose('item', i + n, 300) })),
    metadata: { repository: `acme/service-${i}`, pull_request: i, labels: ['review', 'backend'] },
    max_tokens: 32_000,
    truncation: 'oldest_first',
    ttl_seconds: 86_400,
  }),
  'context.get small': (i) => ({ context_id: uuid('context', i) }),
  'context.get typical': (i) => ({ context_id: uuid('context', i), limit: 50, before: uuid('item', i) }),
  'context.update small': (i) => ({ context_id: uuid('context', i), content: `and then ${i}?` }),
  'context.update typical': (i) => ({
    context_id: uuid('context', i),
    version: i + 1,
    content: times(2, (n) => ({ role: ROLES[n], content: prose('update', i + n, 500), metadata: { model: 'large', turn: i } })),
  }),
  'context.list small': () => ({}),
  'context.list typical': (i) => ({ agent_id: uuid('agent', i), name_prefix: 'Review of', limit: 20, cursor: base64url('cursor', i, 12) }),
  'event.subscribe small': () => ({ events: ['context.*'] }),
  'event.subscribe typical': (i) => ({
    events: ['context.*', 'tool.executed', 'build.**', 'deploy.staging.*'],
    filter: { $or: [{ context_id: { $in: [uuid('context', i), uuid('context', i + 1)] } }, { level: { $gte: 3 } }] },
    since: `0000${1000 + i}`,
  }),
  'event.unsubscribe small': (i) => ({ subscription_id: uuid('sub', i) }),
  'event.unsubscribe typical': () => ({ events: ['context.*', 'tool.executed', 'build.**'] }),
};

/** What travels beside a typical request. */
export const meta = (i) => ({
  traceparent: `00-${digest('trace', i).toString('hex', 0, 16)}-${digest('span', i).toString('hex', 0, 8)}-01`,
  timeout_ms: 30_000,
});

export const limits = {
  max_message_size: 1_048_576,
  max_batch: 100,
  max_in_flight: 64,
  rate: 16.67,
  burst: 100,
  ping_interval_ms: 30_000,
  compression_threshold: 1024,
};

export const server = { name: 'mcpw', version: '0.1.0' };
export const capabilities = { batch: true, tools: true, resume: true, compression: ['gzip', 'zstd'] };
export const principal = (i, scopes = ['tools:read', 'tools:execute', 'contexts:write', 'events:read']) => ({
  id: `user-${i % 8}`,
  tenant: 'acme',
  scopes,
});
export const session = (i) => ({ session_id: base64url('session', i, 16), resume_token: base64url('resume', i, 32), resumed: false });
export const security = (i) => ({ public_key: base64url('key', i, 32), nonce: base64url('nonce', i, 16) });

export const tool = (n) => ({
  id: `local:${TOOLS[n % 8]}_${n}`,
  name: `${TOOLS[n % 8]}_${n}`,
  description: prose('tool', n, 160),
  inputSchema: {
    type: 'object',
    properties: {
      query: { type: 'string', description: prose('query', n, 60), maxLength: 1000 },
      limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
    },
    required: ['query'],
    additionalProperties: false,
  },
  source: 'local',
});

export const item = (i) => ({
  id: uuid('item', i),
  role: ROLES[i % 3],
  content: prose('content', i, 240 + ((i * 53) % 200)),
  tokens: 60 + (i % 50),
  metadata: { model: 'large', turn: i },
  created_at: at(i),
});

export const head = (i) => ({
  id: uuid('context', i),
  name: `Review of pull request ${i}`,
  tenant_id: 'acme',
  agent_id: uuid('agent', i),
  version: i + 1,
  metadata: { repository: `acme/service-${i}`, labels: ['review', 'backend'] },
  item_count: 20 + i,
  current_tokens: 1500 + i,
  max_tokens: 32_000,
  truncation: 'oldest_first',
  created_at: at(0),
  updated_at: at(i),
});

export const event = (i) => ({
  event: EVENTS[i % 4],
  cursor: `0000${10_000 + i}`,
  data: { context_id: uuid('context', i), version: i + 2, agent_id: uuid('agent', i), items: [uuid('item', i)] },
  timestamp: at(i),
});

/** Results of the nine methods; those that the server keeps encoded are made of the parts above (rows.mjs). */
export const results = {
  'tool.execute small': (i) => ({ tool: toolName(i), status: 'completed', result: toolContent(i, 12), duration_ms: i }),
  'tool.execute typical': (i) => ({ tool: toolName(i), status: 'completed', result: toolContent(i, 1500), duration_ms: i }),
  'context.create small': (i) => ({ ...head(i), metadata: {}, items: [] }),
  'context.create typical': (i) => ({ ...head(i), items: times(3, (n) => item(i + n)) }),
  'context.update small': (i) => ({ ...head(i), metadata: {} }),
  'context.update typical': (i) => ({ ...head(i), expires_at: at(86_400), truncated: 3 }),
  'context.list small': (i) => ({ contexts: times(2, (n) => head(i + n)) }),
  'context.list typical': (i) => ({ contexts: times(20, (n) => head(i + n)), next_cursor: base64url('cursor', i, 40) }),
  'event.subscribe small': (i) => ({
    subscription_id: base64url('sub', i, 16),
    subscribed: ['context.*'],
    cursor: `0000${1000 + i}`,
    status: 'active',
  }),
  'event.subscribe typical': (i) => ({
    subscription_id: base64url('sub', i, 16),
    subscribed: ['context.*', 'tool.executed', 'build.**', 'deploy.staging.*'],
    cursor: `0000${1000 + i}`,
    status: 'active',
  }),
  'event.unsubscribe small': () => ({ unsubscribed: ['context.*'], status: 'success' }),
  'event.unsubscribe typical': () => ({ unsubscribed: ['context.*', 'tool.executed', 'build.**'], status: 'success' }),
};

export const toolContent = (i, length) => ({ content: [{ type: 'text', text: prose('result', i, length) }] });
