import { describe, expect, it } from 'vitest';

import { CallStats } from '../egress/call-stats.js';
import { CircuitBreaker } from '../egress/circuit-breaker.js';
import { InputRequired } from '../extension/calling-client.js';
import { fakeCaller } from '../extension/testing/fake-caller.js';
import { fakeCallingClient } from '../extension/testing/fake-calling-client.js';
import type { ToolCaller } from '../extension/tool.decorator.js';
import type { PeerCall } from './mcp-peer.js';
import { ParkedCalls } from './parked-calls.js';
import { UpstreamCalls, type CallTarget } from './upstream-calls.js';
import type { UpstreamTool } from './upstream-tool.js';

const QUESTION = { method: 'elicitation/create', params: { message: 'Your name?' } } as const;
const TOOL = { originalName: 'ask' } as UpstreamTool;
const never = new AbortController().signal;

const caller: ToolCaller = { ...fakeCaller(), client: fakeCallingClient(), timeoutMs: 1_000, progress: () => undefined };

describe('a circuit that is half open', () => {
  let now = 0;
  const breaker = new CircuitBreaker({ now: () => now }, { threshold: 1, openMs: 10, maxOpenMs: 10 });
  const peer = { era: 'legacy', request: (_: string, __: object, { asked }: PeerCall) => asked?.ask?.(QUESTION, never) };
  const upstream = {
    definition: { source: 'demo', server: { type: 'stdio' } },
    limits: { timeoutMs: 1_000, idleTimeoutMs: 1_000 },
    breaker,
    stats: new CallStats(),
    link: { peer },
  } as unknown as CallTarget;

  it('is closed by an upstream that asks its caller something, before there is an answer', async () => {
    breaker.failed();
    now = 10;
    expect(breaker.state).toBe('half_open');
    const calls = new UpstreamCalls(upstream, new ParkedCalls(1_000));
    const needed = await calls.call(TOOL, {}, caller).catch((error: unknown) => error as InputRequired);
    expect(needed).toBeInstanceOf(InputRequired);
    expect([breaker.state, breaker.admit()]).toEqual(['closed', 0]);
    (needed as InputRequired).onAbandoned?.(new Error('the test is over'));
  });
});
