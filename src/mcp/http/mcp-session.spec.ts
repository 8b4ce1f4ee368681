import { describe, expect, it } from 'vitest';

import type { ChangeListener } from '../changes/change-listener.js';
import { McpSession } from './mcp-session.js';

const KEPT_STREAMS = 16;
const principal = { id: 'p', tenant: 't', scopes: [] };
const newSession = (): McpSession =>
  new McpSession({
    id: 's',
    handle: 'h',
    principal,
    credentialId: 'c',
    hello: { version: '2025-11-25', capabilities: {}, clientName: 'test' },
    changes: {} as ChangeListener,
    now: 0,
  });

describe('streams of a session', () => {
  it('that have said all are kept so many, and the oldest go', () => {
    const session = newSession();
    const ids: string[] = [];
    for (let i = 0; i < 5 * KEPT_STREAMS; i++) {
      const stream = session.openStream();
      stream.completedAt = i;
      ids.push(stream.id);
    }
    const found = ids.filter((id) => session.findStream(`${id}.0`) !== undefined);
    // The one that is open beside them.
    expect(found).toEqual(ids.slice(-(KEPT_STREAMS + 1)));
  });

  it('that have not said all stay: their calls are under way', () => {
    const session = newSession();
    const waiting = session.openStream();
    for (let i = 0; i < 5 * KEPT_STREAMS; i++) session.openStream().completedAt = i;
    expect(session.findStream(`${waiting.id}.0`)?.stream).toBe(waiting);
  });

  it('that nobody came back to are forgotten', () => {
    const session = newSession();
    const stream = session.openStream();
    stream.completedAt = 1_000;
    session.sweep(60_999);
    expect(session.findStream(`${stream.id}.0`)?.stream).toBe(stream);
    session.sweep(61_000);
    expect(session.findStream(`${stream.id}.0`)).toBeUndefined();
  });
});
