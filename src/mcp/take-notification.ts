// What clients say without wanting an answer. All but the end of a call is for servers that do more with it than this one.
import type { PendingCall } from '../connection/connection.js';
import { Failure } from '../extension/failure.js';
import type { RpcId } from './json-rpc.js';
import type { InboundNotification } from './read-message.js';

/** @param calls under way, by id */
export function takeNotification(message: InboundNotification, calls: ReadonlyMap<RpcId, PendingCall>): void {
  const id = cancelledId(message);
  if (id !== undefined) calls.get(id)?.abort(new Failure('cancelled', 'cancelled by the client'));
}

/** The id of the request that it cancels, if that is what it does. */
export function cancelledId({ method, params }: InboundNotification): RpcId | undefined {
  return method === 'notifications/cancelled' ? (params['requestId'] as RpcId | undefined) : undefined;
}
