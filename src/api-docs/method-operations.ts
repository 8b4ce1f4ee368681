// An operation for each method of the table, a team's as the server's own: its request, its result and its errors.
import type { Method } from '../protocol/method.js';
import { dtoSchema } from '../validation/dto-schema.js';
import { channelRef, componentRef, keyOf, messageRef, schemaComponent, type Part, type Parts } from './document-parts.js';
import { notificationEnvelope, requestEnvelope, responseEnvelope } from './envelopes.js';
import { codesOf, errorKey } from './error-messages.js';

export interface Described {
  readonly operations: Parts;
  readonly messages: Parts;
  readonly schemas: Parts;
}

const ANY_OBJECT = { type: 'object' };
const CORRELATED = { correlationId: { location: '$message.payload#/id' } };

/** @param hasGuards whether guards of a team's own are asked too */
export function describeMethod(method: Method, hasGuards: boolean): Described {
  const { name, number, scope, answers } = method;
  const key = keyOf(name, number);
  const params = paramsSchema(method);
  const result = answers === undefined ? {} : dtoSchema(answers.result).schema;
  const paramsRef = componentRef('schemas', `${key}.params`);
  const isNeeded = Array.isArray(params['required']);
  // What is answered with nothing need not be asked.
  const hasNothingToSay = answers !== undefined && Object.keys(result['properties'] as object).length === 0;
  const received = [`${key}.request`, ...(hasNothingToSay ? [`${key}.notification`] : [])];
  const operation = {
    action: 'receive',
    channel: channelRef,
    title: name,
    ...(answers?.summary === undefined ? {} : { summary: answers.summary }),
    description: wordsOf(method),
    tags: [{ name: groupOf(name) }],
    messages: received.map(messageRef),
    reply: { channel: channelRef, messages: [`${key}.result`, ...codesOf(method, hasGuards).map(errorKey)].map(messageRef) },
    'x-mcpw-method-number': number,
    ...(scope === undefined ? {} : { 'x-mcpw-scope': scope }),
  };
  return {
    operations: { [key]: operation },
    messages: {
      [`${key}.request`]: { title: name, ...CORRELATED, payload: requestEnvelope(name, paramsRef, isNeeded) },
      ...(hasNothingToSay
        ? { [`${key}.notification`]: { title: `${name}, not to be answered`, payload: notificationEnvelope(name, paramsRef, isNeeded) } }
        : {}),
      [`${key}.result`]: {
        title: `result of ${name}`,
        ...(answers === undefined ? { description: 'The method does not say what it is.' } : {}),
        ...CORRELATED,
        payload: responseEnvelope(componentRef('schemas', `${key}.result`)),
      },
    },
    schemas: { [`${key}.params`]: params, [`${key}.result`]: schemaComponent(`${key}.result`, result) },
  };
}

function paramsSchema({ name, number, params }: Method): Part {
  if (params === undefined) return ANY_OBJECT;
  const component = schemaComponent(`${keyOf(name, number)}.params`, params.schema);
  return params.aliases.size === 0 ? component : { ...component, 'x-mcpw-aliases': Object.fromEntries(params.aliases) };
}

function wordsOf({ number, scope, params }: Method): string {
  const aliases = [...(params?.aliases ?? [])].map(([alias, member]) => `\`${alias}\` for \`${member}\``);
  return [
    scope === undefined ? 'Open to every caller.' : `Needs the scope \`${scope}\`.`,
    `Its number in binary frames is ${number}.`,
    ...(aliases.length === 0 ? [] : [`Also accepted: ${aliases.join(', ')}.`]),
  ].join(' ');
}

/** `context` of `context.get`. */
const groupOf = (name: string): string => (name.includes('.') ? name.slice(0, name.indexOf('.')) : 'session');
