// What clients say without wanting an answer. All but the end of a call is for servers that do more with it than this one.
import type { PendingCall } from '../connection/connection.js';
import { Failure } from '../extension/failure.js';
import type { RpcId } from './json-rpc.js';
import type { InboundNotification } from './read-message.js';

/** @param calls under way, by id */
export function takeNotification({ method, params }: InboundNotification, calls: ReadonlyMap<RpcId, PendingCall>): void {
  if (method !== 'notifications/cancelled') return;
  calls.get(params['requestId'] as RpcId)?.abort(new Failure('cancelled', 'cancelled by the client'));
}
