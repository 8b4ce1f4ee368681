// What this server says of itself to MCP clients.
import type { Implementation, ServerCapabilities } from '@modelcontextprotocol/server';

import { SERVER_INFO } from '../protocol/server-info.js';

export const IDENTITY: Implementation = { name: SERVER_INFO.name, version: SERVER_INFO.version };

export const CAPABILITIES: ServerCapabilities = {
  tools: { listChanged: true },
  resources: { subscribe: true, listChanged: true },
  prompts: { listChanged: true },
  completions: {},
  logging: {},
};

export const INSTRUCTIONS =
  'Tools of several servers and agents, and contexts shared between agents. A context is a resource, context://<id>; ' +
  'context_search finds one by the words in it.';
