// The MCP SDK: the same tool over Streamable HTTP at /mcp, by the SDK's own handler, and over WebSocket, by a transport of the
// few lines that the SDK leaves to its users.
import { createServer } from 'node:http';

import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { WebSocketServer } from 'ws';
import { z } from 'zod';

function makeServer() {
  const server = new McpServer({ name: 'peer', version: '1.0.0' });
  const inputSchema = z.object({ text: z.string(), n: z.number(), ok: z.boolean() });
  server.registerTool('echo', { description: 'Returns its arguments', inputSchema }, (args) => ({
    content: [{ type: 'text', text: JSON.stringify(args) }],
    structuredContent: args,
  }));
  return server;
}

class WebSocketTransport {
  constructor(socket) {
    this.socket = socket;
  }

  async start() {
    this.socket.on('message', (data) => this.onmessage?.(JSON.parse(data.toString())));
    this.socket.on('close', () => this.onclose?.());
  }

  async send(message) {
    this.socket.send(JSON.stringify(message));
  }

  async close() {
    this.socket.close();
  }
}

const http = createServer(toNodeHandler(createMcpHandler(() => makeServer())));
new WebSocketServer({ server: http }).on('connection', (socket) => void makeServer().connect(new WebSocketTransport(socket)));
http.listen(Number(process.env.PORT), '127.0.0.1');
