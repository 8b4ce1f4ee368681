// Calls of a tool over MCP's Streamable HTTP, on connections that are kept alive.
import { Agent, request } from 'node:http';

import type { HttpJob, JobResult, Runnable } from './load-jobs.js';
import { NOTHING } from './load-jobs.js';

export async function http({ url, connections, params }: HttpJob): Promise<Runnable> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  let id = 1;
  const call = async (): Promise<boolean> =>
    new Promise((resolve, reject) => {
      const body = JSON.stringify({ jsonrpc: '2.0', id: id++, method: 'tools/call', params });
      const headers = {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2025-11-25',
        'content-length': Buffer.byteLength(body),
      };
      const sent = request(url, { method: 'POST', agent, headers }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve(response.statusCode === 200 && text.includes('"result"')));
      });
      sent.on('error', reject);
      sent.end(body);
    });
  const run = async (seconds: number): Promise<JobResult> => {
    const begin = performance.now();
    let done = 0;
    let errors = 0;
    const lane = async (): Promise<void> => {
      while (performance.now() < begin + seconds * 1000) {
        if (!(await call())) errors++;
        done++;
      }
    };
    await Promise.all(Array.from({ length: connections }, lane));
    return { ...NOTHING, done, errors, seconds: (performance.now() - begin) / 1000 };
  };
  return Promise.resolve({ run });
}
