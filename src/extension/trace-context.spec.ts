import { describe, expect, it } from 'vitest';

import { readTrace } from './trace-context.js';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('a trace context of a stranger', () => {
  it('is read, and nothing beside it', () => {
    expect(readTrace({ traceparent, tracestate: 'a=1', progressToken: 7 })).toEqual({ traceparent, tracestate: 'a=1' });
    expect(readTrace({ traceparent })).toEqual({ traceparent });
  });

  it('is none without a parent of the standard’s form', () => {
    for (const meta of [undefined, null, 7, 'x', {}, { tracestate: 'a=1' }, { traceparent: 7 }, { traceparent: `${traceparent}\n` }]) {
      expect(readTrace(meta)).toBeUndefined();
    }
  });

  it('has its state dropped where that is none, or too long', () => {
    for (const tracestate of [7, '', 'a=\u0000', 'é=1', 'x'.repeat(513)])
      expect(readTrace({ traceparent, tracestate })).toEqual({ traceparent });
  });
});
