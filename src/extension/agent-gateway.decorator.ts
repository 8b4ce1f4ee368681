// A gateway on the one endpoint that agents connect to.
import { applyDecorators, Catch, UseFilters, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { FORBIDDEN_MESSAGE } from '@nestjs/core/internal';
import { WebSocketGateway, WsException } from '@nestjs/websockets';

import { CALL_ARGUMENT } from './caller.js';
import { Failure } from './failure.js';

export const ENDPOINT_PATH = '/ws';

/** Hands what a handler threw, inside Nest's chain, back to the call it answers. Nest applies no APP_FILTER to gateways, so each carries it. */
@Catch()
export class FailureFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const call = host.getArgByIndex<{ thrown: { error: unknown } | undefined }>(CALL_ARGUMENT);
    call.thrown = { error: isRefusal(error) ? new Failure('forbidden', 'a guard of this method refused the call') : error };
  }
}

/** What Nest throws where a guard answers false. */
function isRefusal(error: unknown): boolean {
  return error instanceof WsException && error.message === FORBIDDEN_MESSAGE;
}

/**
 * Class decorator: the methods of this class are methods of `/ws`. A team's own module uses it just as the built-in ones do:
 * `@SubscribeMessage('billing.charge') @Requires('billing:write') charge(@MessageBody() dto: ChargeDto, @FromCaller() caller: Caller)`.
 */
export const AgentGateway = (): ClassDecorator => applyDecorators(WebSocketGateway({ path: ENDPOINT_PATH }), UseFilters(FailureFilter));
