// When a call cannot go on without its client (`InputRequired`). In the newer era that is an answer, and the client comes back with
// what was asked for; in the older one the client is asked while its call waits. The method is run again either way, so that it is
// written once.
import { Inject, Injectable } from '@nestjs/common';
import { MissingRequiredClientCapabilityError, ProtocolError } from '@modelcontextprotocol/server';

import { Config } from '../config/config.js';
import { InputRequired, type CallingClient } from '../extension/calling-client.js';
import { Clock } from '../extension/clock.js';
import { Failure } from '../extension/failure.js';
import { isRecord } from '../extension/is-record.js';
import { missingCapabilities } from '../extension/missing-capabilities.js';
import { RpcCode } from './json-rpc.js';
import type { McpCall } from './mcp-call.js';
import { RequestState } from './request-state.js';

const MAX_ROUNDS = 16;
const MAX_RESPONSES = 100;

@Injectable()
export class InputRounds {
  constructor(
    @Inject(Config) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
    private readonly state: RequestState,
  ) {}

  /** Runs the call's method, with what the client brings of an earlier answer. */
  run(call: McpCall): unknown {
    const { inputResponses, requestState } = call.params;
    const isFirst = inputResponses === undefined && requestState === undefined;
    if (isFirst || call.caller.era === 'legacy') return call.method.run(call);
    return this.takeUp(call, inputResponses, requestState);
  }

  /** @returns what the call is answered with, sooner or later. @throws what its method throws; where the client cannot be asked */
  async ask(call: McpCall, first: InputRequired): Promise<unknown> {
    let needed = first;
    try {
      if (call.caller.era === 'modern') return await this.answerAsking(call, needed);
      for (let round = 0; round < MAX_ROUNDS; round++) {
        await this.askOnce(call, needed);
        try {
          return await call.method.run(call);
        } catch (error) {
          if (!(error instanceof InputRequired)) throw error;
          needed = error;
        }
      }
      throw new Failure('unavailable', `asked its client more than ${MAX_ROUNDS} times`);
    } catch (error) {
      needed.onAbandoned?.(error as Error);
      throw error;
    }
  }

  private async takeUp(call: McpCall, responses: unknown, sealed: unknown): Promise<unknown> {
    if (responses !== undefined) call.responses = readResponses(responses);
    if (sealed !== undefined) call.state = await this.state.open(call, sealed);
    return call.method.run(call);
  }

  private async answerAsking(call: McpCall, { requests, state }: InputRequired): Promise<unknown> {
    const missing = missingCapabilities(requests, call.capabilities);
    if (missing !== undefined) throw new MissingRequiredClientCapabilityError({ requiredCapabilities: missing });
    return {
      resultType: 'input_required',
      inputRequests: requests,
      ...(state !== undefined && { requestState: await this.state.seal(call, state) }),
    };
  }

  private async askOnce(call: McpCall, needed: InputRequired): Promise<void> {
    const missing = missingCapabilities(needed.requests, call.capabilities);
    if (missing !== undefined) throw new Failure('unavailable', `needs a client with ${Object.keys(missing).join(' and ')}`);
    call.responses = await this.responses(call, needed);
    call.state = needed.state;
  }

  /** The client's user may take long: the call's own time does not pass meanwhile. */
  private async responses(call: McpCall, { requests }: InputRequired): Promise<CallingClient['responses']> {
    const { deadline, link, signal } = call;
    const timeoutMs = this.config.mcp.inputTimeoutMs;
    const askedAt = this.clock.now();
    call.deadline = Infinity;
    const answers = Object.entries(requests).map(async ([name, { method, params = {} }]) => {
      if (link.request === undefined) throw new Failure('unavailable', 'the client cannot be asked');
      const answer = await link.request(method, params, { signal, timeoutMs });
      if (!isRecord(answer)) throw new Failure('unavailable', `the client's answer to ${method} is not an object`);
      return [name, answer] as const;
    });
    const responses = Object.fromEntries(await Promise.all(answers));
    call.deadline = deadline + (this.clock.now() - askedAt);
    return responses;
  }
}

function readResponses(responses: unknown): CallingClient['responses'] {
  const isGood = isRecord(responses) && Object.keys(responses).length <= MAX_RESPONSES && Object.values(responses).every(isRecord);
  if (!isGood) throw new ProtocolError(RpcCode.INVALID_PARAMS, 'inputResponses is not a map of answers');
  return responses as CallingClient['responses'];
}
