// A caller for specs of features, with a signal that the spec can abort.
import type { Caller, CallMeta } from '../caller.js';
import type { Channel } from '../channel.js';
import { FakeChannel } from './fake-channel.js';

export interface FakeCallerOptions {
  readonly tenant?: string;
  readonly scopes?: readonly string[];
  readonly channel?: Channel;
  readonly requestId?: string | number;
  readonly meta?: CallMeta;
  readonly signal?: AbortSignal;
}

/** Default: tenant `acme`, scope `admin`, a channel of its own. */
export function fakeCaller(options: FakeCallerOptions = {}): Caller {
  const { tenant = 'acme', scopes = ['admin'], channel = new FakeChannel(), requestId = 'r1', meta = {}, signal } = options;
  return {
    principal: { id: `key:${tenant}`, tenant, scopes },
    channel,
    requestId,
    meta,
    signal: signal ?? new AbortController().signal,
  };
}
