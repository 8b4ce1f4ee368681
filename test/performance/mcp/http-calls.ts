// Calls of a tool over `/mcp`, one at a time on each of several connections that are kept alive, by undici: the client that Node's own
// `fetch` is made of, without what `fetch` adds to it.
import { Pool } from 'undici';

import { envelope, LEGACY, MODERN } from '../../mcp/support/mcp-http.js';
import { NOTHING, type JobResult, type Runnable } from '../bench/load/load-jobs.js';

export type Era = 'modern' | 'legacy';

export interface HttpCalls {
  /** `http://host:port` */
  readonly origin: string;
  readonly key: string;
  readonly era: Era;
  readonly connections: number;
}

const ARGUMENTS = { text: 'hello, this is a test', n: 42, ok: true };
/** Opens a session where the era has them. */
export async function httpCalls({ origin, key, era, connections }: HttpCalls): Promise<Runnable & { close(): Promise<void> }> {
  const pool = new Pool(origin, { connections, pipelining: 1 });
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    authorization: `Bearer ${key}`,
  };
  const post = async (body: string): Promise<{ headers: Record<string, unknown>; text: string }> => {
    const response = await pool.request({ path: '/mcp', method: 'POST', headers, body });
    return { headers: response.headers, text: await response.body.text() };
  };
  if (era === 'modern') Object.assign(headers, { 'mcp-protocol-version': MODERN, 'mcp-method': 'tools/call', 'mcp-name': 'echo' });
  else {
    const hello = { protocolVersion: LEGACY, capabilities: {}, clientInfo: { name: 'bench', version: '1' } };
    const answer = await post(JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params: hello }));
    Object.assign(headers, { 'mcp-protocol-version': LEGACY, 'mcp-session-id': String(answer.headers['mcp-session-id']) });
  }
  const params = JSON.stringify({ name: 'echo', arguments: ARGUMENTS, ...(era === 'modern' && { _meta: envelope() }) });
  let id = 1;
  const call = async (): Promise<boolean> => {
    const { text } = await post(`{"jsonrpc":"2.0","id":${id++},"method":"tools/call","params":${params}}`);
    return text.includes('"structuredContent":{"text":"hello');
  };
  return { run: async (seconds) => run(call, connections, seconds), close: async () => pool.close() };
}

async function run(call: () => Promise<boolean>, lanes: number, seconds: number): Promise<JobResult> {
  const begin = performance.now();
  const end = begin + seconds * 1_000;
  let done = 0;
  let errors = 0;
  const lane = async (): Promise<void> => {
    while (performance.now() < end) {
      if (!(await call())) errors++;
      done++;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return { ...NOTHING, done, errors, seconds: (performance.now() - begin) / 1_000 };
}
