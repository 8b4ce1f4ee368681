/** Which shape a method's `params` and `result` have. PROTOCOL.md §5. Methods of added modules bring their own, or none. */
import { METHOD_NUMBERS, type MethodName } from '../catalog/method-numbers.js';
import type { AnyCodec } from '../msgpack/field.js';
import * as context from './context-shapes.js';
import * as event from './event-shapes.js';
import * as session from './session-shapes.js';
import * as tool from './tool-shapes.js';

export interface MethodShapes {
  readonly params: AnyCodec;
  /** Absent from what is only ever notified. */
  readonly result?: AnyCodec;
}

export const METHOD_SHAPES: Readonly<Partial<Record<MethodName, MethodShapes>>> = {
  initialize: { params: session.initializeParams, result: session.initializeResult },
  'session.ack': { params: session.sessionAckParams },
  'session.authenticate': { params: session.sessionAuthenticateParams, result: session.sessionAuthenticateResult },
  'tool.list': { params: tool.toolListParams, result: tool.toolListResult },
  'tool.execute': { params: tool.toolExecuteParams, result: tool.toolExecuteResult },
  'tool.cancel': { params: tool.toolCancelParams, result: tool.toolCancelResult },
  'tool.progress': { params: tool.toolProgressParams },
  'tool.register': { params: tool.toolRegisterParams, result: tool.toolRegisterResult },
  'tool.unregister': { params: tool.toolUnregisterParams, result: tool.toolUnregisterResult },
  'context.create': { params: context.contextCreateParams, result: context.contextResult },
  'context.get': { params: context.contextGetParams, result: context.contextResult },
  'context.update': { params: context.contextUpdateParams, result: context.contextResult },
  'context.list': { params: context.contextListParams, result: context.contextListResult },
  'context.delete': { params: context.contextDeleteParams, result: context.contextDeleteResult },
  'context.search': { params: context.contextSearchParams, result: context.contextSearchResult },
  'event.subscribe': { params: event.eventSubscribeParams, result: event.eventSubscribeResult },
  'event.unsubscribe': { params: event.eventUnsubscribeParams, result: event.eventUnsubscribeResult },
  'event.publish': { params: event.eventPublishParams, result: event.eventPublishResult },
  event: { params: event.eventParams },
};

const BY_NUMBER: (MethodShapes | undefined)[] = [];
for (const [name, shapes] of Object.entries(METHOD_SHAPES)) BY_NUMBER[METHOD_NUMBERS[name as MethodName]] = shapes;

/** The shapes of the method with this number, as frames have it; `undefined` where it is not one of the protocol's. */
export function shapesOf(number: number): MethodShapes | undefined {
  return BY_NUMBER[number];
}
