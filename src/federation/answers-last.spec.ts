import { Client, type JSONRPCMessage, type Transport } from '@modelcontextprotocol/client';
import { expect, it } from 'vitest';

import { answersLast } from './answers-last.js';

const SERVER = { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 's', version: '1' } };

/** Says how far a call is, and its answer, in one piece. */
class OnePiece implements Transport {
  onmessage?: (message: JSONRPCMessage) => void;

  async start(): Promise<void> {}
  async close(): Promise<void> {}

  async send(message: JSONRPCMessage): Promise<void> {
    if (!('method' in message) || !('id' in message)) return;
    const { id, method } = message;
    const deliver = (one: JSONRPCMessage): void => answersLast(one, (next) => this.onmessage?.(next));
    if (method === 'initialize') deliver({ jsonrpc: '2.0', id, result: SERVER });
    for (const progress of method === 'initialize' ? [] : [1, 2]) {
      deliver({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: id, progress } });
    }
    if (method !== 'initialize') deliver({ jsonrpc: '2.0', id, result: { content: [] } });
  }
}

it('progress that comes in one piece with the answer is heard', async () => {
  const client = new Client({ name: 'c', version: '1' });
  await client.connect(new OnePiece());
  const heard: number[] = [];
  const onprogress = ({ progress }: { progress: number }): void => void heard.push(progress);
  expect(await client.callTool({ name: 't', arguments: {} }, { onprogress })).toEqual({ content: [] });
  expect(heard).toEqual([1, 2]);
});
