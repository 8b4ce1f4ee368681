// Params and results of every method (protocol §5), as they are on the wire. Methods that a module adds to a server are added
// here by its users: `declare module '@mcpw/client' { interface MethodMap { 'billing.charge': { params: …; result: … } } }`.

export type JsonObject = Record<string, unknown>;
/** RFC 3339, UTC, with milliseconds. */
export type Timestamp = string;

export interface Tool {
  id: string;
  /** Of a federated tool `<source>.<name>`. */
  name: string;
  description: string;
  inputSchema: JsonObject;
  outputSchema?: JsonObject;
  annotations?: JsonObject;
  source: string;
}

/** Bytes come as they are in binary frames, as base64 text in JSON. */
export type BinaryData = Uint8Array | string;

/** MCP's content blocks. */
export type ContentBlock =
  | { type: 'text'; text: string }
  | { type: 'image' | 'audio'; data: BinaryData; mimeType: string }
  | { type: 'resource'; resource: { uri: string; mimeType?: string; text?: string; blob?: BinaryData } }
  | { type: 'resource_link'; uri: string; name: string; description?: string; mimeType?: string };

/** A tool that runs and fails is a result too: look at `status`. */
export interface ToolResult {
  tool: string;
  status: 'completed' | 'failed';
  result?: { content: ContentBlock[]; structured?: unknown };
  error?: { message: string; data?: unknown };
  duration_ms: number;
}

export interface ToolDefinition {
  /** 1 to 128 of `A-Za-z0-9_.-`. */
  name: string;
  description: string;
  inputSchema: JsonObject;
  outputSchema?: JsonObject;
  annotations?: JsonObject;
}

export type ItemRole = 'system' | 'user' | 'assistant' | 'tool';

export interface NewItem {
  role: ItemRole;
  content: string;
  metadata?: JsonObject;
}

export interface ContextItem extends NewItem {
  id: string;
  tokens: number;
  created_at: Timestamp;
}

export type Truncation = 'reject' | 'oldest_first';

export interface ContextSummary {
  id: string;
  name: string;
  tenant_id: string;
  agent_id: string;
  /** 1, then one more with every change. */
  version: number;
  metadata: JsonObject;
  item_count: number;
  current_tokens: number;
  max_tokens: number;
  truncation: Truncation;
  created_at: Timestamp;
  updated_at: Timestamp;
  expires_at?: Timestamp;
  /** How many items had to go for this change. */
  truncated?: number;
}

export interface Context extends ContextSummary {
  items: ContextItem[];
}

export interface SecurityOffer {
  /** X25519, base64url. */
  public_key: string;
  /** 16 bytes, base64url. */
  nonce: string;
}

export interface Limits {
  max_message_size: number;
  max_batch: number;
  max_in_flight: number;
  /** Messages a second, and at once. Absent where nothing is limited. */
  rate?: number;
  burst?: number;
  ping_interval_ms: number;
  compression_threshold: number;
}

export interface Principal {
  id: string;
  tenant: string;
  scopes: string[];
}

export interface InitializeParams {
  name: string;
  version: string;
  token?: string;
  capabilities?: { batch?: boolean; tools?: boolean };
  compression?: string[];
  security?: SecurityOffer;
  resume?: { session_id: string; resume_token: string; cursors?: Record<string, string> };
}

export interface InitializeResult {
  version: '1';
  server: { name: string; version: string };
  session_id: string;
  resume_token: string;
  resumed: boolean;
  principal: Principal;
  /** Whether the server sends batches, and has tools. */
  capabilities: { batch: boolean; tools: boolean };
  limits: Limits;
  /** The numbers that stand for methods in binary frames. */
  methods: Record<string, number>;
  compression?: string;
  security?: SecurityOffer;
}

type None = Record<string, never>;

export interface MethodMap {
  initialize: { params: InitializeParams; result: InitializeResult };
  'tool.list': {
    params: { query?: string; source?: string; limit?: number; cursor?: string };
    result: { tools: Tool[]; next_cursor?: string };
  };
  'tool.execute': { params: { name: string; arguments?: object; stream?: boolean }; result: ToolResult };
  /** `request_id`: the envelope's id, or the frame's number. */
  'tool.cancel': { params: { request_id: string | number }; result: { cancelled: boolean } };
  'tool.register': { params: { tools: ToolDefinition[] }; result: { registered: string[] } };
  'tool.unregister': { params: { names: string[] }; result: { unregistered: string[] } };
  'context.create': {
    params: {
      name: string;
      id?: string;
      /** A string is one item of role `user`. */
      content?: string | NewItem[];
      metadata?: JsonObject;
      max_tokens?: number;
      truncation?: Truncation;
      ttl_seconds?: number;
    };
    result: Context;
  };
  'context.get': { params: { context_id: string; limit?: number; before?: string }; result: Context };
  'context.update': {
    params: {
      context_id: string;
      version?: number;
      /** Appended. */
      content?: string | NewItem[];
      replace?: NewItem[];
      /** JSON Merge Patch. */
      metadata?: JsonObject;
      name?: string;
    };
    result: ContextSummary;
  };
  'context.list': {
    params: { agent_id?: string; name_prefix?: string; limit?: number; cursor?: string; order?: string };
    result: { contexts: ContextSummary[]; next_cursor?: string };
  };
  'context.delete': { params: { context_id: string; version?: number }; result: { deleted: true } };
  'context.search': {
    params: { query: string; limit?: number };
    result: { matches: { context_id: string; item_id: string; role: ItemRole; snippet: string; score: number }[] };
  };
  'event.subscribe': {
    params: { events: string[]; filter?: JsonObject; since?: string };
    result: { subscription_id: string; subscribed: string[]; cursor: string; status: 'active' };
  };
  'event.unsubscribe': {
    params: { subscription_id?: string; events?: string[] };
    result: { unsubscribed: string[]; status: 'success' };
  };
  'event.publish': { params: { event: string; data: unknown }; result: { cursor: string } };
  'session.ack': { params: { cursors: Record<string, string> }; result: None };
  'session.authenticate': { params: { token: string }; result: { expires_at?: Timestamp } };
}

/** What the server notifies of. */
export interface NotificationMap {
  event: { subscription_id: string; event: string; cursor?: string; data: unknown; timestamp: Timestamp };
  'event.gap': { subscription_id: string; from: string; to: string };
  'tool.progress': { request_id: string | number; progress: number; total?: number; message?: string };
  'tool.changed': None;
  'server.draining': { reconnect_in_ms: number };
}

export type Method = keyof MethodMap;
/** What programs ask for; the rest is how the client keeps sessions, subscriptions and tools, and has methods of its own there. */
export type RequestMethod = Exclude<
  Method,
  | 'initialize'
  | 'session.ack'
  | 'session.authenticate'
  | 'event.subscribe'
  | 'event.unsubscribe'
  | 'tool.register'
  | 'tool.unregister'
  | 'tool.cancel'
>;
export type ParamsOf<M extends Method> = MethodMap[M]['params'];
export type ResultOf<M extends Method> = MethodMap[M]['result'];
/** The params as an argument: one that need not be given where each of them may be left out. */
export type RequestParams<M extends Method> = Record<never, never> extends ParamsOf<M> ? [params?: ParamsOf<M>] : [params: ParamsOf<M>];
