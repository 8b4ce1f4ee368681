import { describe, expect, it } from 'vitest';

import type { Config } from '../config/config.js';
import { InputRequired } from '../extension/calling-client.js';
import { Failure } from '../extension/failure.js';
import type { CallLink } from './call-link.js';
import type { McpClient } from './client.js';
import { InputRounds } from './input-rounds.js';
import type { McpMethod } from './mcp-call.js';
import { McpDispatcher } from './mcp-dispatcher.js';
import type { MethodRegistry } from './method-registry.js';
import type { InboundRequest } from './read-message.js';

const TIMEOUT_MS = 1_000;
const ANSWERED_AFTER_MS = 10 * TIMEOUT_MS;
const needed = (): InputRequired => new InputRequired({ name: { method: 'elicitation/create' } });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the time of a call that asks its client', () => {
  it.each([
    [
      'at once',
      (): never => {
        throw needed();
      },
    ],
    ['after a while', async () => Promise.reject(needed())],
  ])('stands still while the client has the question, asked %s, and goes on after it', async (_, first) => {
    let now = 0;
    let runs = 0;
    let answer: ((given: object) => void) | undefined;
    const answers: string[] = [];
    const clock = { now: () => now };
    const config = { websocket: { requestTimeoutMs: TIMEOUT_MS }, mcp: { inputTimeoutMs: 60_000 } } as Config;
    const method = {
      name: 'tools/call',
      mayAsk: true,
      run: () => (runs++ === 0 ? first() : new Promise(() => undefined)),
    } as unknown as McpMethod;
    const client = {
      id: 'c',
      era: 'legacy',
      principal: { id: 'p', tenant: 't', scopes: [] },
      capabilities: { elicitation: {} },
    } as unknown as McpClient;
    const link = {
      request: () => new Promise((resolve) => (answer = resolve)),
      answer: (text: string) => answers.push(text),
    } as unknown as CallLink;
    const dispatcher = new McpDispatcher(
      config,
      clock,
      { find: () => method, indexOf: () => 0 } as unknown as MethodRegistry,
      new InputRounds(config, clock, {} as never),
      { handled: () => undefined, failed: () => undefined } as never,
      { refused: () => undefined } as never,
    );

    dispatcher.run({ id: 1, method: 'tools/call', era: 'legacy', params: {} } as unknown as InboundRequest, client, link);
    await turn();
    now += ANSWERED_AFTER_MS;
    dispatcher.sweep();
    expect([answers, dispatcher.pendingCount]).toEqual([[], 1]);
    answer?.({ action: 'accept' });
    await turn();
    now += TIMEOUT_MS - 1;
    dispatcher.sweep();
    expect([answers, runs]).toEqual([[], 2]);
    now += 1;
    dispatcher.sweep();
    expect(answers).toEqual([expect.stringContaining(new Failure('timed_out', 'the request has run out of time').message)]);
  });
});
