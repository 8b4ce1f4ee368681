// What the server sends of its own accord (PROTOCOL.md §5): notifications, and requests to agents that offer tools.
import { METHOD_NUMBERS, type MethodName } from '@mcpw/protocol';

import { DrainingDto } from '../connection/draining.dto.js';
import { EventDto, EventGapDto } from '../events/event-notifications.dto.js';
import type { DtoClass } from '../extension/tool.decorator.js';
import { NoParams } from '../protocol/no-params.dto.js';
import { CancelDto } from '../protocol/session.dto.js';
import { AgentAnswerDto, AskedToolDto, ToolProgressDto } from '../tools/tool-notifications.dto.js';
import { dtoSchema } from '../validation/dto-schema.js';
import { channelRef, componentRef, messageRef, schemaComponent, SENT, together } from './document-parts.js';
import { errorEnvelope, notificationEnvelope, requestEnvelope, responseEnvelope } from './envelopes.js';
import { CODES_OF_NO_METHOD, errorKey } from './error-messages.js';
import type { Described } from './method-operations.js';

interface Notification {
  readonly params: DtoClass;
  readonly summary: string;
}

export const NOTIFICATIONS = {
  event: { params: EventDto, summary: 'An event that one of the connection’s subscriptions matches.' },
  'event.gap': { params: EventGapDto, summary: 'Events that were subscribed to are no longer in the log.' },
  'tool.progress': { params: ToolProgressDto, summary: 'How far a tool is that was asked for with `stream: true`.' },
  'tool.changed': { params: NoParams, summary: 'The tools that `tool.list` answers with are others now.' },
  'server.draining': { params: DrainingDto, summary: 'The server goes away: come back after this time, and resume.' },
  'tool.cancel': { params: CancelDto, summary: 'To an agent that runs a tool: nobody waits for it any more.' },
} as const satisfies Readonly<Partial<Record<MethodName, Notification>>>;

const AGENT_ERROR = {
  type: 'object',
  properties: { code: { type: 'integer' }, message: { type: 'string' }, data: {} },
  required: ['code', 'message'],
};

const EXECUTE = 'tool.execute';
const ASKED = `${SENT}${EXECUTE}`;

export function describeSent(): Described {
  const notifications = Object.entries(NOTIFICATIONS).map(([name, notification]) => describeNotification(name as MethodName, notification));
  const all = [...notifications, describeRequest()];
  return {
    operations: {
      ...together(all, 'operations'),
      [`${SENT}error`]: {
        action: 'send',
        channel: channelRef,
        summary: 'Answers what could not be read, or is no request of a method.',
        messages: CODES_OF_NO_METHOD.map((code) => messageRef(errorKey(code))),
      },
      [`${SENT}batch`]: {
        action: 'send',
        channel: channelRef,
        summary: 'Answers and notifications, several in one message.',
        messages: [messageRef('batch')],
      },
    },
    messages: together(all, 'messages'),
    schemas: together(all, 'schemas'),
  };
}

function describeNotification(name: MethodName, { params, summary }: Notification): Described {
  const key = `${SENT}${name}`;
  const schema = `${key}.params`;
  return {
    operations: { [key]: { action: 'send', channel: channelRef, title: name, summary, messages: [messageRef(key)], ...numbered(name) } },
    messages: { [key]: { title: name, payload: notificationEnvelope(name, componentRef('schemas', schema), true) } },
    schemas: { [schema]: schemaComponent(schema, dtoSchema(params).schema) },
  };
}

function describeRequest(): Described {
  const params = `${ASKED}.params`;
  const result = `${ASKED}.result`;
  return {
    operations: {
      [ASKED]: {
        action: 'send',
        channel: channelRef,
        title: EXECUTE,
        summary: 'Asks an agent to run a tool that it has registered, with `meta.timeout_ms`.',
        description: 'An error in place of the answer is a failed tool, in the agent’s words.',
        messages: [messageRef(ASKED)],
        reply: { channel: channelRef, messages: [messageRef(result), messageRef(`${ASKED}.error`)] },
        ...numbered(EXECUTE),
      },
    },
    messages: {
      [ASKED]: { title: `${EXECUTE}, asked of an agent`, payload: requestEnvelope(EXECUTE, componentRef('schemas', params), true) },
      [result]: { title: 'an agent’s answer', payload: responseEnvelope(componentRef('schemas', result)) },
      [`${ASKED}.error`]: { title: 'an agent’s error', payload: errorEnvelope(AGENT_ERROR) },
    },
    schemas: {
      [params]: schemaComponent(params, dtoSchema(AskedToolDto).schema),
      [result]: schemaComponent(result, dtoSchema(AgentAnswerDto).schema),
    },
  };
}

const numbered = (name: MethodName): object => ({ 'x-mcpw-method-number': METHOD_NUMBERS[name] });
