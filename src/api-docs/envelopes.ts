// The JSON envelope as schemas (PROTOCOL.md §2): what all messages have, and messages of each type.
import { MAX_BATCH, MAX_ID_LENGTH, MAX_NONCE_LENGTH, MessageType, MIN_NONCE_LENGTH } from '@mcpw/protocol';

import { componentRef, type Part, type Parts } from './document-parts.js';

export const ENVELOPE_SCHEMAS: Parts = {
  'envelope.id': { type: 'string', minLength: 1, maxLength: MAX_ID_LENGTH },
  'envelope.meta': {
    type: 'object',
    properties: {
      traceparent: { type: 'string', description: 'W3C Trace Context.' },
      tracestate: { type: 'string' },
      idempotency_key: {
        type: 'string',
        minLength: 1,
        maxLength: MAX_ID_LENGTH,
        description: 'The same key again within 10 min gets the first answer, and nothing runs twice.',
      },
      timeout_ms: { type: 'integer', minimum: 1, description: 'How long the sender waits.' },
    },
  },
  'envelope.ts': { type: 'integer', description: 'Milliseconds since the Unix epoch. Required where messages are signed.' },
  'envelope.nonce': {
    type: 'string',
    minLength: MIN_NONCE_LENGTH,
    maxLength: MAX_NONCE_LENGTH,
    description: 'Required where messages are signed.',
  },
};

const id = componentRef('schemas', 'envelope.id');
const common = {
  meta: componentRef('schemas', 'envelope.meta'),
  ts: componentRef('schemas', 'envelope.ts'),
  nonce: componentRef('schemas', 'envelope.nonce'),
};

function envelope(type: MessageType, members: Parts, required: readonly string[]): Part {
  return { type: 'object', properties: { ...members, type: { const: type }, ...common }, required: ['type', ...required] };
}

/** @param isNeeded whether the params cannot be left out */
export const requestEnvelope = (method: string, params: Part, isNeeded: boolean): Part =>
  envelope(MessageType.REQUEST, { id, method: { const: method }, params }, ['id', 'method', ...(isNeeded ? ['params'] : [])]);

export const notificationEnvelope = (method: string, params: Part, isNeeded: boolean): Part =>
  envelope(MessageType.NOTIFICATION, { method: { const: method }, params }, ['method', ...(isNeeded ? ['params'] : [])]);

export const responseEnvelope = (result: Part): Part => envelope(MessageType.RESPONSE, { id, result }, ['id', 'result']);

/** The id is empty where the request's could not be read. */
export const errorEnvelope = (error: Part): Part =>
  envelope(MessageType.ERROR, { id: { type: 'string', maxLength: MAX_ID_LENGTH }, error }, ['id', 'error']);

const PONG_RESULT = {
  type: 'object',
  properties: { timestamp: { type: 'string', format: 'date-time' } },
  required: ['timestamp'],
};
const BATCH_PARAMS = {
  type: 'object',
  properties: {
    messages: {
      type: 'array',
      minItems: 1,
      maxItems: MAX_BATCH,
      items: { type: 'object' },
      description: 'Envelopes, none of them a batch.',
    },
  },
  required: ['messages'],
};

/** Messages that are about no method. Either side may send a batch. */
export const CONTROL_MESSAGES: Parts = {
  ping: { title: 'ping', payload: envelope(MessageType.PING, { id }, ['id']) },
  pong: { title: 'pong', payload: envelope(MessageType.PONG, { id, result: PONG_RESULT }, ['id', 'result']) },
  batch: {
    title: 'batch',
    description:
      'Its messages are handled as if sent one by one; one that fails does not touch the others. Sent only to clients that ' +
      'said `capabilities.batch: true` or sent a batch themselves.',
    payload: envelope(MessageType.BATCH, { id, params: BATCH_PARAMS }, ['id', 'params']),
  },
};
