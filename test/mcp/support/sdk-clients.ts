// The official SDKs' clients of this server, by transport and era, under one interface: what differs between them is how they are made.
import { Client, StreamableHTTPClientTransport, type JSONRPCMessage, type Transport } from '@modelcontextprotocol/client';
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OlderHttpTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { WebSocketClientTransport } from '@modelcontextprotocol/sdk/client/websocket.js';
import { CallToolResultSchema, ElicitRequestSchema, ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { WebSocket } from 'ws';

import type { TestServer } from '../../support/start-server.js';
import { MODERN } from './mcp-http.js';

type Result = any; // eslint-disable-line @typescript-eslint/no-explicit-any -- each test knows the shape it asked for
type Method = (params?: object) => Promise<Result>;

interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onprogress?: (progress: { progress: number; total?: number | undefined }) => void;
}

export interface SdkClient {
  readonly version: string | undefined;
  readonly listTools: Method;
  readonly listResources: Method;
  readonly readResource: Method;
  readonly listPrompts: Method;
  readonly getPrompt: Method;
  readonly complete: Method;
  callTool(params: { name: string; arguments?: Record<string, unknown> }, options?: CallOptions): Promise<Result>;
  /** How often it was told that the list of tools is another. */
  readonly changes: () => number;
  close(): Promise<void>;
}

const INFO = { name: 'test', version: '1.0.0' };
/** What its user answers, whatever is asked. */
const ANSWER = { action: 'accept', content: { name: 'Ada' } } as const;

const headersOf = (server: TestServer): { requestInit: { headers: Record<string, string> } } => ({
  requestInit: { headers: { authorization: `Bearer ${server.adminKey}` } },
});

export const sdkClients: Readonly<Record<string, (server: TestServer) => Promise<SdkClient>>> = {
  'SDK 1, HTTP': async (server) => older(new OlderHttpTransport(new URL(`${server.url}/mcp`), headersOf(server))),
  'SDK 1, WebSocket': async (server) => {
    const { ticket } = (await server.rest('POST', '/api/v1/websocket/tickets')).body as { ticket: string };
    return older(new WebSocketClientTransport(new URL(`${server.wsUrl}?ticket=${ticket}`)));
  },
  'SDK 2, HTTP, older era': async (server) => newer(httpTransport(server), 'legacy'),
  'SDK 2, HTTP, newer era': async (server) => newer(httpTransport(server), { pin: MODERN }),
  'SDK 2, HTTP, what is there': async (server) => newer(httpTransport(server), 'auto'),
  'SDK 2, WebSocket, older era': async (server) => newer(new SocketTransport(server), 'legacy'),
  'SDK 2, WebSocket, newer era': async (server) => newer(new SocketTransport(server), { pin: MODERN }),
};

const httpTransport = (server: TestServer): Transport => new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`), headersOf(server));

async function older(transport: OlderHttpTransport | WebSocketClientTransport): Promise<SdkClient> {
  const client = new OlderClient(INFO, { capabilities: { elicitation: {} } });
  let changes = 0;
  client.setRequestHandler(ElicitRequestSchema, () => ANSWER);
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => void changes++);
  // The SDK's transport has members that may be undefined where its own interface says they may be missing.
  await client.connect(transport);
  return {
    ...common(client as never),
    version: LAST_OLDER,
    callTool: (params, options) => client.callTool(params, CallToolResultSchema, options),
    changes: () => changes,
  };
}
/** It tells nobody what was negotiated. */
const LAST_OLDER = '2025-11-25';

async function newer(transport: Transport, mode: 'legacy' | 'auto' | { pin: string }): Promise<SdkClient> {
  let changes = 0;
  const client = new Client(INFO, {
    capabilities: { elicitation: {} },
    versionNegotiation: { mode },
    listChanged: { tools: { onChanged: () => void changes++ } },
  });
  client.setRequestHandler('elicitation/create', () => ANSWER);
  await client.connect(transport);
  return {
    ...common(client as never),
    version: client.getNegotiatedProtocolVersion(),
    callTool: (params, options) => client.callTool(params, options),
    changes: () => changes,
  };
}

type Common = Omit<SdkClient, 'version' | 'callTool' | 'changes'>;

const common = (client: Common): Common => ({
  listTools: (params) => client.listTools(params),
  listResources: (params) => client.listResources(params),
  readResource: (params) => client.readResource(params),
  listPrompts: (params) => client.listPrompts(params),
  getPrompt: (params) => client.getPrompt(params),
  complete: (params) => client.complete(params),
  close: () => client.close(),
});

/** SDK 2 has no transport for WebSockets of its own. */
class SocketTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: NonNullable<Transport['onmessage']>;
  private readonly socket: WebSocket;

  constructor({ wsUrl, adminKey }: TestServer) {
    this.socket = new WebSocket(wsUrl, ['mcp'], { headers: { authorization: `Bearer ${adminKey}` } });
    this.socket.on('message', (data) => this.onmessage?.(JSON.parse((data as Buffer).toString()) as JSONRPCMessage));
    this.socket.on('close', () => this.onclose?.());
  }

  async start(): Promise<void> {
    await new Promise((resolve, reject) => {
      this.socket.once('open', resolve);
      this.socket.once('error', reject);
    });
  }

  async send(message: unknown): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.socket.send(JSON.stringify(message), (error) => (error ? reject(error) : resolve()));
    });
  }

  async close(): Promise<void> {
    this.socket.close();
    await new Promise((resolve) => this.socket.once('close', resolve));
  }
}
