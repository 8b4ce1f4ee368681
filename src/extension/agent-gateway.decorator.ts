// A gateway on the one endpoint that agents connect to.
import { applyDecorators, Catch, UseFilters, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { WebSocketGateway } from '@nestjs/websockets';

import { CALL_ARGUMENT } from './caller.js';

export const ENDPOINT_PATH = '/ws';

/** Hands what a handler threw, inside Nest's chain, back to the call it answers. Nest applies no APP_FILTER to gateways, so each carries it. */
@Catch()
export class FailureFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    host.getArgByIndex<{ thrown: { error: unknown } | undefined }>(CALL_ARGUMENT).thrown = { error };
  }
}

/**
 * Class decorator: the methods of this class are methods of `/ws`. A team's own module uses it just as the built-in ones do:
 * `@SubscribeMessage('billing.charge') @Requires('billing:write') charge(@MessageBody() dto: ChargeDto, @FromCaller() caller: Caller)`.
 */
export const AgentGateway = (): ClassDecorator => applyDecorators(WebSocketGateway({ path: ENDPOINT_PATH }), UseFilters(FailureFilter));
