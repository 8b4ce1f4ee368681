// The AsyncAPI 3.0 document of `/ws`: made of what the server has, its methods and those of modules. It tells of the code alone, and
// of no tenant, connection, tool or other server. The wire in full is PROTOCOL.md. MCP over the same endpoint is no part of it.
import { CLOSE_NAMES, METHOD_NUMBERS, SUBPROTOCOL } from '@mcpw/protocol';

import { ENDPOINT_PATH } from '../extension/agent-gateway.decorator.js';
import type { Method } from '../protocol/method.js';
import { BINARY_FRAME } from './binary-frame.js';
import { CHANNEL, channelRef, componentRef, messageRef, together, type Parts } from './document-parts.js';
import { CONTROL_MESSAGES, ENVELOPE_SCHEMAS } from './envelopes.js';
import { ERROR_MESSAGES } from './error-messages.js';
import { describeMethod } from './method-operations.js';
import { SECURITY_SCHEMES } from './security-schemes.js';
import { describeSent } from './sent-messages.js';

export interface MethodSource {
  all(): Iterable<Method>;
  /** Names of methods that guards and interceptors of a team's own stand before. */
  readonly throughNest: ReadonlySet<string>;
}

const INTRODUCTION = `Agents and IDEs connect here to use tools, share contexts and hear events.

A text message is a JSON envelope: \`type\` is 0 request, 1 response, 2 notification, 3 error, 4 ping, 5 pong, 6 batch. Unknown members
of an envelope are ignored, unknown members of \`params\` are refused with 4005. A binary message is one frame: the message
\`frame\` describes it. Both are taken at any time, mixed at will. The first request is \`initialize\`. Requests run concurrently, and answers may come out of order.
With keys agreed on in \`initialize\` every message is signed or encrypted, and text is \`SIG.JSON\`.`;

const SUBPROTOCOLS = `\`${SUBPROTOCOL.JSON}\`, as where none is offered: the server's notifications are text. \`${SUBPROTOCOL.BINARY}\`: they are
binary frames. \`${SUBPROTOCOL.MCP}\`: standard MCP, which this document does not describe.`;

const BINDINGS = {
  ws: {
    method: 'GET',
    headers: { type: 'object', properties: { 'Sec-WebSocket-Protocol': { type: 'string', description: SUBPROTOCOLS } } },
    query: { type: 'object', properties: { ticket: { type: 'string' } } },
    bindingVersion: '0.1.0',
  },
};

const CONTROL_OPERATIONS: Parts = {
  ping: {
    action: 'receive',
    channel: channelRef,
    messages: [messageRef('ping')],
    reply: { channel: channelRef, messages: [messageRef('pong')] },
    description: `In binary frames a ping has the method number ${METHOD_NUMBERS.ping}, its pong ${METHOD_NUMBERS.pong}.`,
  },
  batch: { action: 'receive', channel: channelRef, summary: 'Several messages in one.', messages: [messageRef('batch')] },
};

/** @param version of the server */
export function asyncApi(methods: MethodSource, version: string): object {
  const described = [describeSent(), ...[...methods.all()].sort(byNumber).map((m) => describeMethod(m, methods.throughNest.has(m.name)))];
  const messages = { ...together(described, 'messages'), ...ERROR_MESSAGES, ...CONTROL_MESSAGES, frame: BINARY_FRAME };
  return {
    asyncapi: '3.0.0',
    info: { title: 'MCPW', version, description: INTRODUCTION },
    defaultContentType: 'application/json',
    servers: { ws: server('ws', 'http'), wss: server('wss', 'https') },
    channels: {
      [CHANNEL]: {
        address: ENDPOINT_PATH,
        title: 'The endpoint',
        messages: Object.fromEntries(Object.keys(messages).map((key) => [key, componentRef('messages', key)])),
        bindings: BINDINGS,
        'x-mcpw-close-codes': CLOSE_NAMES,
      },
    },
    operations: { ...together(described, 'operations'), ...CONTROL_OPERATIONS },
    components: {
      messages,
      schemas: { ...ENVELOPE_SCHEMAS, ...together(described, 'schemas') },
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

/** Its name is not the server's to know: there may be a proxy before it. */
function server(protocol: string, page: string): object {
  return {
    host: '{host}',
    protocol,
    description: `Where this document came by ${page}.`,
    variables: { host: { default: 'localhost:8080', description: 'Where this document came from.' } },
    security: Object.keys(SECURITY_SCHEMES).map((key) => componentRef('securitySchemes', key)),
  };
}

const byNumber = (a: Method, b: Method): number => a.number - b.number;
